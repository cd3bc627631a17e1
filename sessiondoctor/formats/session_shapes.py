"""The shapes of session cookies, one row a framework and form: default names, value, and what the value is.

Sources: Tomcat StandardSessionIdGenerator; Undertow SecureRandomSessionIdGenerator; Jetty
DefaultSessionIdManager; Hazelcast WebFilter; Spring Session DefaultCookieSerializer; node-cookie-signature;
itsdangerous; django.core.signing; tornado.web create_signed_value; WordPress wp_generate_auth_cookie; ActiveSupport
MessageEncryptor; Laravel Encrypter; .NET SessionIDManager; ASP.NET Core CookieProtection; IBM and Oracle documentation
for WebSphere and WebLogic; starlette.middleware.sessions; the Fernet specification; @hapi/iron; RFC 7516 (JWE);
@fastify/secure-session; the PASETO specification; @remix-run createCookieSessionStorage; gorilla/securecookie;
pyramid.session; Plug.Crypto.MessageVerifier.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Literal

from sessiondoctor.formats.encoded import base64_octets

UUID: Final = r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}"
_LONGEST_UUID_TEXT = 400  # a base64 UUID with a route behind it
_LARAVEL_START = "eyJpdiI6"  # base64 of {"iv":
_SHA512 = 64  # octets
_OF_SECURECOOKIE = 3  # parts: time, content, digest
_SESSION_PAYLOAD = 176  # base64 of a protected 36-character GUID: 20 + 16 + 16 + 48 + 32 octets


@dataclass(frozen=True, slots=True)
class SessionFormat:
    """Which framework made a session cookie.

    Attributes:
        product: kebab-case, `unknown` where only the name speaks.
        stack: the topology's word for it (`site.stack`).
        holds_state: the state itself is in the cookie (client-side session).
        signed: a node with another key rejects it before any look-up.
        certain: name and value both fit.
    """

    product: str
    stack: str
    holds_state: bool = False
    signed: bool = False
    certain: bool = False


@dataclass(frozen=True, slots=True)
class Shape:
    """A row of the table.

    Attributes:
        names: pattern of the default names.
        test: whether a decoded value has the shape.
        alone: whether the shape speaks under another name too: `always`, only if the name `hints` at a session,
            or `never`.
        name_tells: the name alone names the product.
    """

    made_by: SessionFormat
    names: str
    test: Callable[[str], bool]
    alone: Literal["always", "hinted", "never"] = "never"
    name_tells: bool = True


def spring_id(text: str) -> tuple[str, str]:
    """The UUID and the route in a Spring Session cookie, base64 or raw; both empty if it is none."""
    plain = _utf8(base64_octets(text)) if len(text) < _LONGEST_UUID_TEXT and "-" not in text else text
    match = re.fullmatch(rf"({UUID})(?:\.([\w.-]+))?", plain, re.ASCII)
    return (match[1], match[2] or "") if match else ("", "")


def _utf8(data: bytes) -> str:
    return data.decode("utf-8", "replace")


def _like(pattern: str) -> Callable[[str], bool]:
    """A test by pattern, compiled at first use."""
    return lambda text: re.fullmatch(pattern, text, re.ASCII | re.DOTALL) is not None


def _is_spring(text: str) -> bool:
    return spring_id(text) != ("", "")


def _is_base64_uuid(text: str) -> bool:
    return "-" not in text and _is_spring(text)


def _is_base64_json(text: str) -> bool:
    return not text.startswith(_LARAVEL_START) and base64_octets(text).startswith(b'{"')


def _is_starlette(text: str) -> bool:
    """Padded base64 of JSON with a blank behind each colon, as Python writes it and Flask does not; then a time."""
    content, signed, _ = text.partition(".")
    dated = re.fullmatch(r"[\w-]{6}\.[\w-]{27}", text[len(content) + 1 :], re.ASCII) if signed else None
    return dated is not None and re.match(rb'\{"[^"]*": ', base64_octets(content)) is not None


def _is_fernet(text: str) -> bool:
    """Version 128, the time in eight octets, whose first three are zero until long after us."""
    head = re.match(r"gAAAAA[\w-]{94,}={0,2}\Z", text, re.ASCII)
    return head is not None and len(text) % 4 == 0


def _is_signed_json(text: str) -> bool:
    """base64 of a JSON object, a dot, SHA-256 in base64 without padding."""
    content, _, signature = text.rpartition(".")
    return re.fullmatch(r"[\w+/-]{43}", signature, re.ASCII) is not None and _is_base64_json(content)


def securecookie(text: str) -> tuple[int, bytes] | None:
    """When gorilla's securecookie was made, in unix seconds, and the head of its content; None if it is none."""
    parts = base64_octets(text).split(b"|", 2)
    if len(parts) < _OF_SECURECOOKIE or not re.fullmatch(rb"\d{10}", parts[0]):
        return None
    return int(parts[0]), base64_octets(parts[1][:16].decode("latin-1"))


def _is_gorilla_values(text: str) -> bool:
    """A CookieStore's: Go's gob of a map, which begins with the definition of its type."""
    found = securecookie(text)
    return found is not None and b"\x04\x01\x02\xff" in found[1]


def _is_gorilla(text: str) -> bool:
    return securecookie(text) is not None


def _is_pyramid(text: str) -> bool:
    """SHA-512, then JSON of when it was read, when it was made, and the state."""
    content = base64_octets(text)[_SHA512:]
    return re.match(rb"\[\d{10}, \d{10}(?:\.\d+)?, \{", content) is not None


def _is_protected_guid(text: str) -> bool:
    protected = re.fullmatch(r"CfDJ8[A-Za-z0-9+/]+", text) is not None
    return protected and (len(text) == _SESSION_PAYLOAD or "+" in text or "/" in text)


_SERVLET = r"JSESSIONID(?:\.\w+)?"
_RAILS = r"_.+_session(?:_.+)?|_session_id|rack\.session"
_RAILS_SEAL = r"(?:[\w+/=-]{16}--[\w+/=-]{24}|[0-9a-f]{40}(?:[0-9a-f]{24})?)"
_SIGNED_SID = rf"(?:[\w-]{{43}}|{UUID})\.[\w-]{{27}}"
_LARAVEL = rf"{_LARAVEL_START}[\w+/=-]+"

_SERVLETS = (
    Shape(
        SessionFormat("tomcat", "tomcat"),
        _SERVLET,
        # 16 random bytes, the node id of memcached-session-manager, the jvmRoute.
        _like(r"[0-9A-F]{32}(?:-\w+)?(?:\.[\w.-]+)?"),
        alone="hinted",
        name_tells=False,
    ),
    Shape(
        SessionFormat("weblogic", "weblogic"),
        _SERVLET,
        _like(r"[\w-]{40,}!-?\d+(?:!(?:-?\d+|NONE))?(?:!\d{13})?"),
        alone="always",
        name_tells=False,
    ),
    Shape(
        SessionFormat("websphere", "websphere"),
        _SERVLET,
        _like(r"\d{4}[\w-]{23}(?::-?\w+)+"),
        alone="always",
        name_tells=False,
    ),
    Shape(
        SessionFormat("jetty", "jetty"),
        _SERVLET,
        # Worker name, two random numbers in base 36, a counter; then the worker name again.
        _like(r"node\d{1,3}[0-9a-z]{12,60}(?:\.[\w$-]+)?|([\w-]{1,32})[0-9a-z]{12,60}\.\1"),
        alone="hinted",
        name_tells=False,
    ),
    Shape(
        SessionFormat("undertow", "wildfly"),
        _SERVLET,
        _like(r"(?![0-9a-f]+(?:\.|\Z))(?:[\w+-]{24,}\.[\w.-]+|[\w+-]{40})"),
        name_tells=False,
    ),
    Shape(SessionFormat("hazelcast", "hazelcast"), r"hazelcast\.sessionId", _like(r"HZ[0-9A-F]{32}"), alone="always"),
    Shape(
        SessionFormat("coldfusion", "coldfusion"), r"(?i:CFID|CFTOKEN)", _like(r"\d+|[0-9a-fA-F]+(?:-[0-9a-fA-F]+)+")
    ),
    Shape(
        SessionFormat("websphere", "websphere", holds_state=True, signed=True),
        r"LtpaToken2?",
        _like(r"[A-Za-z0-9+/]{64,}={0,2}"),
    ),
    Shape(SessionFormat("weblogic", "weblogic"), r"_WL_AUTHCOOKIE_.+", _like(r"[\w-]{20,}")),
    Shape(SessionFormat("spring-session", "spring"), r"SESSION", _is_spring),
    Shape(SessionFormat("spring-session", "spring"), r"SESSION", _is_base64_uuid, alone="always"),
)
_SCRIPTS = (
    Shape(
        SessionFormat("express-session", "express", signed=True),
        r"connect\.sid|sails\.sid",
        _like(r"s:.+\.[A-Za-z0-9+/]{43}"),
        alone="always",
    ),
    Shape(
        SessionFormat("cookie-session", "express", holds_state=True, signed=True),
        r"session|express:sess|koa:sess|koa\.sess",
        _is_base64_json,
        alone="hinted",
        name_tells=False,
    ),
    Shape(
        SessionFormat("flask", "flask", holds_state=True, signed=True),
        r"session",
        _like(r"\.?[\w-]+\.[\w-]{6}\.[\w-]{27}"),
        alone="always",
        name_tells=False,
    ),
    Shape(SessionFormat("flask-session", "flask", signed=True), r"session", _like(_SIGNED_SID), name_tells=False),
    Shape(SessionFormat("flask-session", "flask"), r"session", _like(rf"[\w-]{{43}}|{UUID}"), name_tells=False),
    Shape(SessionFormat("django", "django"), r"sessionid", _like(r"[a-z0-9]{32}")),
    Shape(
        SessionFormat("django-signed", "django", holds_state=True, signed=True),
        r"sessionid",
        _like(r"\.?[\w-]+:[0-9A-Za-z]{6}:(?:[\w-]{43}|[\w-]{27})"),
        alone="hinted",
    ),
    Shape(
        SessionFormat("rails", "rails", holds_state=True, signed=True),
        _RAILS,
        # Encrypted: data, initialisation vector, tag. Before Rails 5.2, and in Rack: data and a digest.
        _like(rf"[\w+/=-]+--{_RAILS_SEAL}"),
        alone="hinted",
    ),
    # Applications name it as they like. A session with its id and form token is longer than other signed cookies.
    Shape(
        SessionFormat("rails", "rails", holds_state=True, signed=True),
        _RAILS,
        _like(rf"[\w+/=-]{{80,}}--{_RAILS_SEAL}"),
        alone="always",
    ),
    Shape(SessionFormat("rails-server-side", "rails"), _RAILS, _like(r"[0-9a-f]{32}|[0-9a-f]{64}")),
    # Rack::Session::Encryptor: a version octet, 1 or 2, leads.
    Shape(SessionFormat("rails", "rails", holds_state=True, signed=True), r"rack\.session", _like(r"A[Qg][\w=-]{62,}")),
    Shape(
        SessionFormat("laravel", "laravel", signed=True),
        r"laravel_session|.+[_-]session",
        _like(_LARAVEL),
        alone="hinted",
        name_tells=False,
    ),
    Shape(SessionFormat("laravel", "laravel", signed=True), r"laravel_session", _like(_LARAVEL)),
    # Who, until when, a token, HMAC-SHA256 by keys and salts of wp-config.php (wp_generate_auth_cookie). The token
    # is looked up in the database; WordPress keeps no session on a node.
    Shape(
        SessionFormat("wordpress", "php", holds_state=True, signed=True),
        r"wordpress(?:_sec|_logged_in)?_[0-9a-f]{32}",
        _like(r"[^|]{1,120}\|\d{9,11}\|[A-Za-z0-9]{43}\|[0-9a-f]{64}"),
        alone="always",
        name_tells=False,
    ),
    Shape(SessionFormat("php", "php"), r"PHPSESSID", _like(r"[0-9a-zA-Z,-]{22,256}")),
)
_PYTHON = (
    # Version, key version, time, name, base64 of the value, HMAC-SHA256 (tornado.web.create_signed_value). Tornado
    # has no sessions on the server.
    Shape(
        SessionFormat("tornado", "other", holds_state=True, signed=True),
        r".+",
        _like(r"2\|\d:\d{1,9}\|\d{1,2}:\d{9,11}\|\d{1,3}:[^|]+\|\d{1,5}:[\w+/=-]*\|[0-9a-f]{64}"),
        alone="always",
        name_tells=False,
    ),
)
_DOTNET = (
    Shape(
        SessionFormat("aspnetcore-session", "aspnetcore", signed=True),
        r"\.AspNetCore\.Session",
        _like(r"CfDJ8[A-Za-z0-9+/]+"),
    ),
    Shape(
        SessionFormat("aspnetcore-session", "aspnetcore", signed=True),
        r"\.AspNetCore\.Session",
        _is_protected_guid,
        alone="always",
    ),
    Shape(
        SessionFormat("aspnetcore-auth", "aspnetcore", holds_state=True, signed=True),
        r"\.AspNetCore\.(?!Session).+",
        _like(r"CfDJ8[\w-]+|chunks-\d+"),
        alone="always",
    ),
    Shape(SessionFormat("aspnet", "aspnet"), r"ASP\.NET_SessionId", _like(r"[a-z0-5]{24}")),
    Shape(
        SessionFormat("aspnet", "aspnet", holds_state=True, signed=True),
        r"\.ASPXAUTH|\.AspNet\.\w*Cookies?",
        _like(r"[0-9A-Fa-f]{64,}|[\w+/=-]{40,}"),
    ),
    Shape(
        SessionFormat("jwt", "other", holds_state=True, signed=True),
        r"(?i:.*(?:jwt|token|auth|session).*)",
        _like(r"eyJ[\w-]+\.eyJ[\w-]+\.[\w-]+"),
        alone="always",
        name_tells=False,
    ),
)


def _sealed(product: str, names: str, test: Callable[[str], bool], alone: Literal["always", "hinted"]) -> Shape:
    """A session that is wholly in a signed or encrypted cookie."""
    made_by = SessionFormat(product, "other", holds_state=True, signed=True)
    return Shape(made_by, names, test, alone=alone, name_tells=False)


# Cookies of libraries that are at home in no framework, or in one that has no word of its own.
_LIBRARIES = (
    _sealed("starlette", r"session", _is_starlette, "always"),
    _sealed("fernet", r"AIOHTTP_SESSION", _is_fernet, "hinted"),
    _sealed("iron", r".*session.*|yar", _like(r"Fe26\.2\*\d?\*[^*]*(?:\*[\w-]*){4,5}\*[\w~-]+"), "always"),
    _sealed("fastify-secure-session", r"session", _like(r"[\w+/]{20,}={0,2};[\w+/]{32}"), "hinted"),
    _sealed("jwe", r".*session.*", _like(r"eyJ[\w-]+\.[\w-]*\.[\w-]+\.[\w-]+\.[\w-]+"), "hinted"),
    _sealed("paseto", r".*session.*", _like(r"v[1-4]\.(?:local|public)\.[\w-]{40,}(?:\.[\w-]+)?"), "hinted"),
    _sealed("remix", r"__session", _is_signed_json, "hinted"),
    _sealed("gorilla", r".*session.*", _is_gorilla_values, "always"),
    Shape(
        SessionFormat("gorilla", "other", signed=True), r".*session.*", _is_gorilla, alone="always", name_tells=False
    ),
    _sealed("pyramid", r"session", _is_pyramid, "always"),
    # "HS256" in base64, a map in Erlang's external term format, SHA-256.
    _sealed("plug", r"_\w+_key", _like(r"SFMyNTY\.g3QAAAA[\w-]+\.[\w-]{43}"), "always"),
)
SHAPES: Final = (*_SERVLETS, *_LIBRARIES, *_SCRIPTS, *_PYTHON, *_DOTNET)
