"""Which URLs a cookie belongs to: domain-match, path-match and default-path (RFC 6265bis, section 5.1)."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from urllib.parse import urlsplit

_SECURE_SCHEMES = frozenset({"https", "wss"})
# A host whose last label is a number is an IPv4 address (WHATWG URL, "ends in a number"); IPv6 stands in brackets.
_ADDRESS = r"(?:.*\.)?(?:[0-9]+|0x[0-9a-f]*)\.?|\[.*\]"


@dataclass(frozen=True, slots=True)
class Place:
    """What cookies look at in a URL. `host` is lower case and ASCII, IPv6 in brackets; empty if there is none."""

    host: str
    path: str = field(repr=False)
    secure: bool


def place_of(url: str) -> Place:
    """Take a URL apart.

    Plain HTTP is never secure, not even on localhost: the exception of browsers would hide, on a stand-in, the
    fault that every other host has.
    """
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
    except ValueError:
        return Place("", "/", secure=False)
    return Place(_canonical(host), parts.path or "/", secure=parts.scheme in _SECURE_SCHEMES)


def default_path(path: str) -> str:
    """The path of a cookie that names none: everything before the last slash."""
    if not path.startswith("/"):
        return "/"
    return path[: path.rindex("/")] or "/"


def path_matches(request: str, cookie: str) -> bool:
    """Whether a cookie of this path is sent to this path: `/app` goes to `/app` and `/app/x`, not to `/apple`."""
    if request == cookie:
        return True
    return request.startswith(cookie) and (cookie.endswith("/") or request[len(cookie)] == "/")


def domain_matches(host: str, domain: str) -> bool:
    """Whether the host is the domain or, being no IP address, lies below it."""
    if host == domain:
        return bool(host)
    return bool(domain) and host.endswith(f".{domain}") and not re.fullmatch(_ADDRESS, host, re.DOTALL)


def _canonical(host: str) -> str:
    if ":" in host:
        return f"[{host}]"
    if host.isascii():
        return host
    try:
        return host.encode("idna").decode("ascii")
    except UnicodeError:
        return ""
