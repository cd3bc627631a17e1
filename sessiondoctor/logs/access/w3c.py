"""The W3C Extended Log File Format, whose `#Fields:` line names the columns: IIS, CloudFront.

https://www.w3.org/TR/WD-logfile.html; IIS puts a space between fields and a plus for spaces in them, CloudFront a tab.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from sessiondoctor.logs.access.sessions import commonest, session_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sessiondoctor.logs.access.request import Request

_FIELDS: Final = b"#Fields:"
_SAMPLE: Final = 500
_BLANK: Final = b"%20"  # of CloudFront, between cookies
# The node is who answered: a server of IIS that writes for itself, or one named by a field of one's own.
_NODES: Final = (b"x-upstream", b"x-served-by", b"x-node", b"s-computername", b"s-ip")
_HEAD: Final = re.compile(rb"(?:[a-z]{2,5}://[^/]{1,300})?(/[^/?;]{0,200})")


class W3c:
    """Where the columns are, by their names; a later `#Fields:` line in the log changes them."""

    def __init__(self, fields: tuple[bytes, ...], separator: bytes, cookie: str = "") -> None:
        self.name = "cloudfront" if b"x-edge-location" in fields else "w3c"
        self.cookie = cookie
        self.names_nodes = any(name in fields for name in _NODES)
        self.names_sessions = bool(cookie)
        self._columns = _Columns(fields)
        self._separator = separator
        self._session = session_of(cookie) if cookie else None

    def requests(self, block: bytes) -> Iterator[Request]:
        """Those of whole lines; what has another number of fields is passed over."""
        for line in block.splitlines():
            if line.startswith(b"#"):
                self._columns = _Columns(_fields(line) or self._columns.names)
                continue
            values = line.split(self._separator)
            if len(values) == len(self._columns.names):
                yield self._request(values, self._columns)

    def _request(self, values: list[bytes], columns: _Columns) -> Request:
        cookies = columns.of(values, columns.cookies)
        found = self._session.search(cookies.replace(_BLANK, b" ")) if self._session else None
        stem = columns.of(values, columns.stem)
        if self._session and not found:
            found = self._session.search(stem)
        head = _HEAD.match(stem)
        return (
            found["session"] if found else b"",
            columns.of(values, columns.node),
            columns.of(values, columns.client),
            b" ".join(columns.of(values, place) for place in columns.time),
            head[1] if head else b"",
            columns.of(values, columns.status),
        )


class _Columns:
    """Places of the fields that are asked for."""

    def __init__(self, names: tuple[bytes, ...]) -> None:
        self.names = names
        self.cookies = self._place(b"cs(cookie)", b"cs-cookie")
        self.stem = self._place(b"cs-uri-stem", b"cs-uri")
        self.client = self._place(b"x-forwarded-for", b"c-ip")
        self.status = self._place(b"sc-status")
        self.node = self._place(*_NODES)
        self.time = [place for name in (b"date", b"time") if (place := self._place(name)) is not None]

    def _place(self, *wanted: bytes) -> int | None:
        return next((self.names.index(name) for name in wanted if name in self.names), None)

    @staticmethod
    def of(values: list[bytes], place: int | None) -> bytes:
        """The value; empty if there is none, which W3C writes as a dash."""
        return b"" if place is None or values[place] == b"-" else values[place]


def w3c(lines: Sequence[bytes], cookie: str = "") -> W3c | None:
    """The format that the first `#Fields:` line tells; None without one that has a status."""
    told = next((line for line in lines[:_SAMPLE] if line.startswith(_FIELDS)), b"")
    fields = _fields(told)
    if b"sc-status" not in fields:
        return None
    rows = [line for line in lines[:_SAMPLE] if line.strip() and not line.startswith(b"#")]
    separator = b"\t" if any(b"\t" in row for row in rows) else b" "
    return W3c(fields, separator, cookie or commonest(row.replace(_BLANK, b" ") for row in rows))


def _fields(line: bytes) -> tuple[bytes, ...]:
    return tuple(line.removeprefix(_FIELDS).lower().split()) if line.startswith(_FIELDS) else ()
