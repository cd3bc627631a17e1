"""Why a browser does not store a cookie, in words for a report (RFC 6265bis, sections 5.6 and 5.7)."""

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
EXPIRED: Final = "expired"  # no refusal: the server deletes the cookie
