"""URLs of http and https, taken apart and resolved (RFC 3986), without ever quoting one in a message."""

from __future__ import annotations

import re
import socket
from dataclasses import dataclass, field
from urllib.parse import SplitResult, quote, urljoin, urlsplit

from sessiondoctor.errors import UsageError

_DEFAULT_PORTS = {"http": 80, "https": 443}
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_FRONT = re.compile(r"([A-Za-z+.-]{1,20}://)?[^/?#\\]{0,60}")
# Labels of letters, digits, hyphen and underscore (found in container names); RFC 1123 section 2.1.
_HOST_NAME = re.compile(r"(?=.{1,253}\Z)[a-z0-9_-]{1,63}(\.[a-z0-9_-]{1,63})*\.?")
# What browsers leave unencoded: the WHATWG path and query percent-encode sets.
_PATH_SAFE = "!$%&'()*+,/:;=@[]|~"
_QUERY_SAFE = _PATH_SAFE + "?`{}^\\"
_ALL_ASCII = "".join(map(chr, range(128)))


@dataclass(frozen=True, slots=True)
class Origin:
    """Scheme, host (lower case, ASCII, IPv6 without brackets) and port."""

    scheme: str
    host: str
    port: int

    @property
    def authority(self) -> str:
        """`host:port`, with brackets around an IPv6 address."""
        return f"{bracketed(self.host)}:{self.port}"

    @property
    def host_header(self) -> str:
        """The value of the Host header: the port only where it is not the scheme's own."""
        return bracketed(self.host) if self.port == _DEFAULT_PORTS[self.scheme] else self.authority

    def __str__(self) -> str:
        return f"{self.scheme}://{self.host_header}"


@dataclass(frozen=True, slots=True)
class Target:
    """Where a request goes: the origin, and the path with its query as they stand in the request line."""

    origin: Origin
    path: str = field(default="/", repr=False)

    @property
    def url(self) -> str:
        """The URL, normalised; it may hold secrets in path and query."""
        return f"{self.origin}{self.path}"


def split_url(url: str) -> Target:
    """Take an absolute URL apart; a fragment is dropped.

    Raises:
        UsageError: it is no http or https URL, or it holds a user name or password.
    """
    parts = _parts(url)
    scheme = parts.scheme
    if scheme not in _DEFAULT_PORTS:
        raise UsageError(f"{_shown(url)} is not an http:// or https:// URL")
    if "@" in parts.netloc:
        raise UsageError("a URL may not hold a user name or password: send an Authorization header")
    origin = Origin(scheme, host_name(_host_of(parts, url)), _port_of(parts, url))
    return Target(origin, _request_target(parts))


def join(base: str, reference: str) -> str:
    """Resolve a reference (a link, a Location) against a URL as a browser does; RFC 3986 section 5.2.

    Raises:
        UsageError: the result is no http or https URL.
    """
    try:
        joined = urljoin(base, reference)
    except ValueError:
        joined = ""
    return split_url(joined).url


def below(base: str, path: str) -> str:
    """Append a path to the path of a URL: `/login` below `http://a/shop/` is `http://a/shop/login`.

    Raises:
        UsageError: the result is no http or https URL.
    """
    parts = _parts(base)
    return join(parts._replace(path=parts.path.rstrip("/") + "/", query="").geturl(), "./" + path.lstrip("/"))


def place(url: str) -> str:
    """Return the part of a URL that may be shown: scheme, host and port. Never raises."""
    try:
        return str(split_url(url).origin)
    except UsageError:
        return "an unusable URL"


def host_name(host: str) -> str:
    """Return a host in the form that goes over the wire: lower case, IDNA (RFC 3490) where needed.

    Raises:
        UsageError: it is neither a host name nor an IP address.
    """
    name = host.lower() if host.isascii() else _idna(host)
    if not (_HOST_NAME.fullmatch(name) or is_ip(name)):
        raise UsageError(f"{_shown(host)} is not a host name")
    return name


def is_ip(text: str) -> bool:
    """Whether this is an IPv4 or IPv6 address, without brackets."""
    family = socket.AF_INET6 if ":" in text else socket.AF_INET
    try:
        socket.inet_pton(family, text)
    except (OSError, ValueError):  # ValueError: a NUL or a non-ASCII character inside
        return False
    return True


def is_loopback(host: str) -> bool:
    """Whether a host is this machine by its very name or address: localhost, 127.0.0.0/8, ::1."""
    named = host == "localhost" or host.endswith(".localhost")
    return named or host == "::1" or (host.startswith("127.") and is_ip(host))


def bracketed(host: str) -> str:
    """Put an IPv6 address in brackets, leave anything else alone."""
    return f"[{host}]" if ":" in host else host


def ascii_reference(raw: str) -> str:
    """Percent-encode the raw bytes of a Location header (decoded as Latin-1) that are not ASCII."""
    return quote(raw.encode("latin-1", "replace"), safe=_ALL_ASCII)


def _parts(url: str) -> SplitResult:
    # urlsplit drops tabs and line breaks silently: refuse them instead.
    try:
        parts = None if _CONTROL.search(url) else urlsplit(url)
    except ValueError:  # brackets; its text quotes the URL
        parts = None
    if parts is None:
        raise UsageError(f"{_shown(url)} is not a URL")
    return parts


def _host_of(parts: SplitResult, url: str) -> str:
    if not parts.hostname:
        raise UsageError(f"{_shown(url)} has no host name")
    return parts.hostname


def _port_of(parts: SplitResult, url: str) -> int:
    try:
        port = _DEFAULT_PORTS[parts.scheme] if parts.port is None else parts.port
    except ValueError:
        port = 0
    if not port:
        raise UsageError(f"{_shown(url)} has a port that is not a number from 1 to 65535")
    return port


def _request_target(parts: SplitResult) -> str:
    path = quote(parts.path or "/", safe=_PATH_SAFE)
    return f"{path}?{quote(parts.query, safe=_QUERY_SAFE)}" if parts.query else path


def _idna(host: str) -> str:
    try:
        return host.encode("idna").decode("ascii").lower()
    except UnicodeError:
        return ""


def _shown(text: str) -> str:
    """Quote what comes before the path, escaped and short; nothing where an `@` may follow a password."""
    front = _FRONT.match(text)
    return ascii(front[0]) if front and "@" not in text else "the URL"
