"""Session cookies: which framework made one, and the id, route, store keys and dates that are in it."""

from __future__ import annotations

import re
from functools import lru_cache
from hashlib import sha256
from struct import unpack_from
from typing import TYPE_CHECKING, Final

from sessiondoctor.formats.affinity_names import affinity_by_name, is_csrf_name
from sessiondoctor.formats.encoded import base64_octets, octets, unescaped
from sessiondoctor.formats.jwt import read_jwt
from sessiondoctor.formats.session_shapes import SHAPES, SessionFormat, Shape, securecookie, spring_id

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

__all__ = [
    "SessionFormat",
    "bare",
    "base_id",
    "data_protection_key_id",
    "is_csrf_name",
    "issued_at",
    "recognise_session",
    "route_of",
    "store_ids",
]

_NAME_PREFIXES = r"(?i:__Host-|__Secure-)"
# Companions of a session cookie and cookies that ASP.NET Core protects for other ends.
_NO_SESSION = r".+\.sig|\.AspNetCore\.(?:Antiforgery|Correlation|OpenIdConnect|Mvc\.CookieTempData|Culture).*"
# `sid` only as a word or at the end: not `sidebar`, not `inside_banner`.
_HINT = r"(?i)sess|(?<![a-z])sid(?![a-z])|sid\Z|auth(?!or)|token"
_NO_ID = frozenset({"true", "false", "yes", "no", "null", "undefined"})
_SERVLET_NAME = r"JSESSIONID(?:\.\w+)?"
_HAPROXY_PREFIX = r"([\w.-]{1,64})~(.+)"  # HAProxy, `cookie ... prefix`; COOKIE_DELIM in include/haproxy/defaults.h
_BASE62: Final = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"  # django.core.signing
_DP_MAGIC: Final = b"\x09\xf0\xc9\xf0"  # KeyRingBasedDataProtector.MAGIC_HEADER_V0
_DP_HEAD: Final = 28  # base64 characters that hold the 20 octets of magic and key id
_DP_HEAD_OCTETS: Final = 20
_UNKNOWN: Final = SessionFormat("unknown", "other")


@lru_cache(maxsize=128)  # a scan asks a hundred times of each cookie; few values, because they may be long
def recognise_session(name: str, value: str) -> SessionFormat | None:
    """The framework whose session cookie this is; None if nothing says that it is one.

    The value is as on the wire, percent-encoded or not. A name without a known shape suffices, but never of a CSRF,
    signature or affinity cookie.
    """
    text, name = bare(value), _plain(name)
    if not text or is_csrf_name(name) or affinity_by_name(name) or re.fullmatch(_NO_SESSION, name, re.DOTALL):
        return None
    return _by_name_and_shape(name, text) or _by_shape(name, text) or _by_name(name, text)


def base_id(name: str, value: str) -> str:
    """The id without route, cache id, signature and HAProxy prefix: equal for one session on two routes."""
    text = bare(value)
    return _BASES.get(_product(name, value), _whole)(text)


def route_of(name: str, value: str) -> str:
    """The jvmRoute, clone id, JVM id or HAProxy server prefix in a session cookie; empty if there is none."""
    prefix = _prefix(unescaped(value))
    if prefix:
        return prefix
    return _ROUTES.get(_product(name, value), _no_route)(bare(value))


def store_ids(name: str, value: str) -> tuple[str, ...]:
    """What the framework puts into store keys for this cookie; empty if it has none or it is encrypted."""
    found = recognise_session(name, value)
    if found is None or found.holds_state:
        return ()
    ids = _STORE_IDS.get(_product(name, value), _nowhere)(bare(value))
    return tuple(filter(None, ids))


def issued_at(name: str, value: str) -> float | None:
    """When a cookie that says it, or a token, was signed or sealed, in unix seconds by the node's clock."""
    read = _DATES.get(_product(name, value))
    return read(bare(value)) if read else None


def data_protection_key_id(value: str) -> str | None:
    """The key id (a GUID, lower case, no braces) in an ASP.NET Core Data Protection payload; None if it is none.

    Magic, then the id in .NET's order of octets; base64 or base64url without padding (KeyRingBasedDataProtector).
    """
    head = base64_octets(unescaped(value)[:_DP_HEAD].rstrip("="))
    if len(head) < _DP_HEAD_OCTETS or not head.startswith(_DP_MAGIC):
        return None
    first, second, third = unpack_from("<LHH", head, 4)
    return f"{first:08x}-{second:04x}-{third:04x}-{head[12:14].hex()}-{head[14:20].hex()}"


def _plain(name: str) -> str:
    """The name without `__Host-` or `__Secure-`."""
    return re.sub(rf"\A{_NAME_PREFIXES}", "", name)


def bare(value: str) -> str:
    """The decoded value of a session cookie without HAProxy's prefix."""
    text = unescaped(value)
    match = re.fullmatch(_HAPROXY_PREFIX, text, re.ASCII | re.DOTALL)
    return match[2] if match else text


def _prefix(text: str) -> str:
    match = re.fullmatch(_HAPROXY_PREFIX, text, re.ASCII | re.DOTALL)
    return match[1] if match else ""


def _product(name: str, value: str) -> str:
    """The product, `servlet` for a JSESSIONID of unknown shape."""
    found = recognise_session(name, value)
    if found is None:
        return ""
    unknown_servlet = found.product == "unknown" and re.fullmatch(_SERVLET_NAME, _plain(name))
    return "servlet" if unknown_servlet else found.product


def _fits(name: str) -> Iterator[Shape]:
    return (shape for shape in SHAPES if re.fullmatch(shape.names, name, re.DOTALL))


def _by_name_and_shape(name: str, text: str) -> SessionFormat | None:
    found = next((shape.made_by for shape in _fits(name) if shape.test(text)), None)
    return _certain(found) if found else None


def _certain(found: SessionFormat) -> SessionFormat:
    return SessionFormat(found.product, found.stack, found.holds_state, found.signed, certain=True)


def _by_shape(name: str, text: str) -> SessionFormat | None:
    speaking = {"always", "hinted"} if _hints(name) else {"always"}
    return next((shape.made_by for shape in SHAPES if shape.alone in speaking and shape.test(text)), None)


def _by_name(name: str, text: str) -> SessionFormat | None:
    known = next((shape.made_by for shape in _fits(name) if shape.name_tells), None)
    if known:
        return known
    return _UNKNOWN if _hints(name) and text.lower() not in _NO_ID else None


def _hints(name: str) -> bool:
    return re.search(_HINT, name) is not None


def _whole(text: str) -> str:
    return text


def _before_dot(text: str) -> str:
    return text.partition(".")[0]


def _after_dot(text: str) -> str:
    """mod_proxy_balancer and mod_jk take what follows the first dot, other dots included."""
    return text.partition(".")[2]


def _no_route(_: str) -> str:
    return ""


def _nowhere(_: str) -> tuple[str, ...]:
    return ()


def _itself(text: str) -> tuple[str, ...]:
    return (text,)


def _tomcat_base(text: str) -> str:
    return re.split(r"[.-]", text, maxsplit=1)[0]


def _websphere_base(text: str) -> str:
    """The 23 characters between the cache id, which counts changes, and the clone ids."""
    return text[4:27] if ":" in text else text


def _websphere_clone(text: str) -> str:
    clone = text.partition(":")[2].partition(":")[0]
    return "" if clone == "-1" else clone


def _jvm_id(text: str) -> str:
    """WebLogic's primary server."""
    return text.partition("!")[2].partition("!")[0]


def _spring_base(text: str) -> str:
    return spring_id(text)[0] or text


def _spring_route(text: str) -> str:
    return spring_id(text)[1]


def _express_sid(text: str) -> str:
    """The id between `s:` and the signature behind the last dot."""
    return text[2:].rpartition(".")[0] if text.startswith("s:") else text


def _tomcat_ids(text: str) -> tuple[str, ...]:
    """Stores key by the bare id, by the id with a memcached node, or (Redisson) by the id with its route."""
    return tuple(dict.fromkeys((_tomcat_base(text), _before_dot(text), text)))


def _rails_ids(text: str) -> tuple[str, ...]:
    """Rack::Session::SessionId#private_id."""
    return (f"2::{sha256(octets(text)).hexdigest()}",)


_BASES: Final[Mapping[str, Callable[[str], str]]] = {
    "tomcat": _tomcat_base,
    "undertow": _before_dot,
    "jetty": _before_dot,
    "servlet": _before_dot,
    "weblogic": lambda text: text.partition("!")[0],
    "websphere": _websphere_base,
    "spring-session": _spring_base,
    "express-session": _express_sid,
    "flask-session": _before_dot,
}
_ROUTES: Final[Mapping[str, Callable[[str], str]]] = {
    "tomcat": _after_dot,
    "undertow": _after_dot,
    "jetty": _after_dot,
    "servlet": _after_dot,
    "weblogic": _jvm_id,
    "websphere": _websphere_clone,
    "spring-session": _spring_route,
}
_STORE_IDS: Final[Mapping[str, Callable[[str], tuple[str, ...]]]] = {
    "tomcat": _tomcat_ids,
    "undertow": lambda text: (_before_dot(text),),
    "jetty": lambda text: (_before_dot(text),),
    "servlet": lambda text: tuple(dict.fromkeys((_before_dot(text), text))),
    "weblogic": lambda text: (text.partition("!")[0],),
    "websphere": lambda text: (_websphere_base(text),),
    "spring-session": lambda text: (_spring_base(text),),
    "express-session": lambda text: (_express_sid(text),),
    "flask-session": lambda text: (_before_dot(text),),
    "rails-server-side": _rails_ids,
    "aspnet": _itself,
    "django": _itself,
    "php": _itself,
    "hazelcast": _itself,
    "coldfusion": _itself,
    "unknown": _itself,
}


def _token_date(text: str) -> float | None:
    claims = read_jwt(text)
    return claims.issued_at if claims else None


def _fernet_date(text: str) -> float:
    """Seconds in the eight octets behind the version."""
    return float(int.from_bytes(base64_octets(text[:12])[1:9], "big"))


def _gorilla_date(text: str) -> float | None:
    found = securecookie(text)
    return float(found[0]) if found else None


def _flask_date(text: str) -> float | None:
    """itsdangerous.TimestampSigner: big-endian seconds in base64url, the last but one part."""
    seconds = base64_octets(text.split(".")[-2])
    return float(int.from_bytes(seconds, "big")) if seconds else None


def _django_date(text: str) -> float:
    """django.core.signing.TimestampSigner: seconds in base 62, the last but one part."""
    seconds = 0
    for digit in text.split(":")[-2]:
        seconds = seconds * len(_BASE62) + _BASE62.index(digit)
    return float(seconds)


_DATES: Final[Mapping[str, Callable[[str], float | None]]] = {
    "jwt": _token_date,
    "flask": _flask_date,
    "starlette": _flask_date,
    "django-signed": _django_date,
    "fernet": _fernet_date,
    "gorilla": _gorilla_date,
}
