"""Why a browser does not store or send a cookie, in words for a report (RFC 6265bis, sections 5.6 to 5.8)."""

from __future__ import annotations

from typing import Final

EMPTY: Final = "empty"
CONTROL_CHARACTERS: Final = "control characters"
TOO_LARGE: Final = "larger than 4096 bytes"
NOT_A_WEB_ADDRESS: Final = "the URL has no host"
DOMAIN_ELSEWHERE: Final = "Domain does not cover the host"
PUBLIC_SUFFIX: Final = "Domain is a public suffix"
SECURE_OVER_HTTP: Final = "Secure set over plain HTTP"
OVERLAYS_SECURE: Final = "a Secure cookie of this name may not be replaced over plain HTTP"
NONE_WITHOUT_SECURE: Final = "SameSite=None without Secure"
PARTITIONED_WITHOUT_SECURE: Final = "Partitioned without Secure"
SECURE_PREFIX: Final = "__Secure- rules"
HOST_PREFIX: Final = "__Host- rules"
HTTP_PREFIX: Final = "__Http- rules"
SET_INSIDE_ANOTHER_SITE: Final = "not SameSite=None, and set in a frame or by a script of another site"
EXPIRED: Final = "expired"  # no refusal: the server deletes the cookie

STRICT_ACROSS_SITES: Final = "SameSite=Strict, but the request comes from another site"
LAX_INSIDE_ANOTHER_SITE: Final = "SameSite=Lax, but another site asks for it in a frame or by a script"
LAX_POST_ACROSS_SITES: Final = "SameSite=Lax, but another site sends a POST"
DEFAULT_INSIDE_ANOTHER_SITE: Final = "no SameSite, so Lax, but another site asks for it in a frame or by a script"
DEFAULT_POST_ACROSS_SITES: Final = "no SameSite, so Lax after two minutes, but another site sends a POST"
OTHER_PARTITION: Final = "Partitioned, but inside another site, where the browser keeps other cookies"
