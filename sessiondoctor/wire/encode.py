"""A request as bytes: header order and case are the caller's, and nothing can be smuggled in."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from sessiondoctor import __version__
from sessiondoctor.errors import UsageError

if TYPE_CHECKING:
    from sessiondoctor.wire.address import Target
    from sessiondoctor.wire.message import Headers, Request

_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")  # RFC 9110 section 5.6.2
_FORBIDDEN = re.compile(r"[\r\n\x00]")
_USER_AGENT = f"sessiondoctor/{__version__}"


def encode(request: Request, target: Target) -> bytes:
    """Write a request in HTTP/1.1 (RFC 9112); defaults come first, where the caller gives none.

    Raises:
        UsageError: the method or a header would break the message.
    """
    if not _TOKEN.fullmatch(request.method):
        raise UsageError("a request method must be one word of letters, such as GET")
    given = {name.lower() for name, _ in request.headers}
    defaults = tuple(pair for pair in _defaults(request, target, given) if pair[0].lower() not in given)
    lines = [f"{request.method} {target.path} HTTP/1.1".encode("ascii")]
    lines += [_line(name, value) for name, value in defaults + request.headers]
    return b"\r\n".join([*lines, b"", request.body])


def _defaults(request: Request, target: Target, given: set[str]) -> Headers:
    always = (
        ("Host", target.origin.host_header),
        ("User-Agent", _USER_AGENT),
        ("Accept-Encoding", "identity"),
    )
    framed = "transfer-encoding" in given or not (request.body or request.method in {"POST", "PUT", "PATCH"})
    return always if framed else (*always, ("Content-Length", str(len(request.body))))


def _line(name: str, value: str) -> bytes:
    if not _TOKEN.fullmatch(name):
        raise UsageError("a header name holds a character that HTTP does not allow")
    if _FORBIDDEN.search(value):
        raise UsageError(f"the value of the header {name} holds a line break or NUL")
    return f"{name}: ".encode("ascii") + _value_bytes(value)


def _value_bytes(value: str) -> bytes:
    """Give back the very bytes of a value that was received (Latin-1); text of the user goes as UTF-8."""
    try:
        return value.encode("latin-1")
    except UnicodeEncodeError:
        return value.encode("utf-8", "replace")
