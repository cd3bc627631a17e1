"""What goes over the wire and comes back: plain frozen data, without secrets in any `repr`."""

from __future__ import annotations

import re
from dataclasses import dataclass

from sessiondoctor.errors import UsageError
from sessiondoctor.wire.address import place, split_url

Headers = tuple[tuple[str, str], ...]
"""Name and value pairs in the order of the wire, names as received, values decoded as Latin-1."""

# Compiled on first use.
_WORD = "[!#$%&'*+.^_`|~0-9A-Za-z-]+"  # RFC 9110 section 5.6.2
_FORBIDDEN = r"[\r\n\x00\x0b\x0c]"  # the last two are white space to h11, which refuses them
_CHARSET = r"""(?i)charset\s*=\s*["']?([a-z0-9_-]+)"""
# Only codecs that decode in linear time; a server may name any codec of Python (punycode is quadratic).
_KNOWN_CHARSET = (
    r"(?i)utf-?8|utf-?16(le|be)?|(us-)?ascii|iso-?8859-\d{1,2}|latin-?1|windows-125\d|cp125\d|koi8-[ru]"
    r"|shift[_-]jis|euc-(jp|kr)|gbk|gb2312|gb18030|big5"
)


@dataclass(frozen=True, slots=True, repr=False)
class Request:
    """One request. `headers` go out in this order and case, after the defaults that they do not replace.

    `body` is sent as it is, with a Content-Length; in chunks where `headers` say so.
    """

    url: str
    method: str = "GET"
    headers: Headers = ()
    body: bytes = b""

    @property
    def virtual_host(self) -> str:
        """The host that the Host header names; empty without one, or if it is no host."""
        named = next((value for name, value in self.headers if name.lower() == "host"), "")
        try:
            return split_url(f"http://{named}").origin.host if named else ""
        except UsageError:
            return ""

    def check(self) -> None:
        """Make sure that nothing can be smuggled into the message.

        Raises:
            UsageError: the method, or a header's name or value, would break it.
        """
        if not re.fullmatch(_WORD, self.method):
            raise UsageError("a request method must be one word of letters, such as GET")
        for name, value in self.headers:
            if not re.fullmatch(_WORD, name):
                raise UsageError("a header name holds a character that HTTP does not allow")
            if re.search(_FORBIDDEN, value):
                raise UsageError(f"the value of the header {name} holds a line break or another control character")
            if name.lower() == "content-length" and value.strip() != str(len(self.body)):
                raise UsageError("the header Content-Length does not state the length of the body")

    def __repr__(self) -> str:
        return f"Request({self.method} {place(self.url)})"


@dataclass(frozen=True, slots=True, repr=False)
class Response:
    """One final response (or a 101), as it came: nothing followed or stored.

    Attributes:
        url: that of the request.
        body: at most `Limits.body_bytes`, without its content codings; `truncated` says that there was more.
        http_version: `2`, `1.1` or `1.0`.
        address: the peer, `ip:port`.
        reused: whether the connection had served an earlier request.
        sent_at: `time.time()` just before the first byte of the request was written.
        answered_at: `time.time()` when the head of the response, status line to blank line, had arrived.
            The server wrote its Date between the two.
        elapsed_s: seconds from before connecting to the last byte read.
        certificate_ends: unix seconds until when the peer's certificate is valid; None without TLS, or if it was not
            verified.
    """

    url: str
    status: int
    headers: Headers
    body: bytes
    truncated: bool
    http_version: str
    address: str
    reused: bool
    sent_at: float
    answered_at: float
    elapsed_s: float
    certificate_ends: float | None = None

    def __repr__(self) -> str:
        return f"Response({self.status} from {place(self.url)}, {len(self.body)} bytes)"

    def header(self, name: str, default: str = "") -> str:
        """Return the first value of a header, its name in any case."""
        return next(iter(self.all(name)), default)

    def all(self, name: str) -> tuple[str, ...]:
        """Return every value of a header in order, its name in any case; Set-Cookie needs this."""
        wanted = name.lower()
        return tuple(value for key, value in self.headers if key.lower() == wanted)

    @property
    def text(self) -> str:
        """The body, decoded by the charset of Content-Type or else as UTF-8, with U+FFFD for what is wrong."""
        named = re.search(_CHARSET, self.header("content-type"))
        charset = named[1] if named and re.fullmatch(_KNOWN_CHARSET, named[1]) else "utf-8"
        try:
            return self.body.decode(charset, "replace")
        except LookupError:
            return self.body.decode("utf-8", "replace")


@dataclass(frozen=True, slots=True)
class Limits:
    """What one exchange may cost.

    Attributes:
        connect_s: seconds for name lookup, TCP and TLS, shared by all addresses that are tried.
        total_s: seconds for the whole exchange, connecting included.
        header_bytes: of all heads and trailers of one response together, interim (1xx) ones included.
        header_count: header lines of the final head.
        body_bytes: as sent and as decoded; what is beyond is not read: the response is marked `truncated`.
        redirects: how many `follow` follows.
    """

    connect_s: float = 5.0
    total_s: float = 10.0
    header_bytes: int = 64 * 1024
    header_count: int = 500
    body_bytes: int = 256 * 1024
    redirects: int = 5
