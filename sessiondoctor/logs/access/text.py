"""Lines of text: one expression finds what a line says, two more what it leaves as `rest`."""

from __future__ import annotations

import re
from dataclasses import dataclass
from operator import itemgetter
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sessiondoctor.logs.access.request import Request

_TOLD: Final = ("session", "node", "addr", "time", "path", "status", "cookies", "request", "rest")


def compiled(line: bytes) -> re.Pattern[bytes]:
    """An expression for a line, with an empty group at its end in place of all that it does not have."""
    return re.compile(b"^" + line + b"()", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class TextFormat:
    """How to read a line.

    Attributes:
        name: as a person calls it.
        line: of `compiled`; its groups are `session node addr time path status cookies request rest`, or some of them.
        node, session: search what the line leaves as `rest`, as `cookies` and `request`.
        cookie: the session cookie's name; empty if no line has one.
        in_request: the session's id is a part of the URL.
    """

    name: str
    line: re.Pattern[bytes]
    node: re.Pattern[bytes] | None = None
    session: re.Pattern[bytes] | None = None
    cookie: str = ""
    in_request: bool = False

    @property
    def names_nodes(self) -> bool:
        """Whether lines say which node answered."""
        return self.node is not None or "node" in self.line.groupindex

    @property
    def names_sessions(self) -> bool:
        """Whether lines say of which session a request was."""
        return self.session is not None or "session" in self.line.groupindex

    def requests(self, block: bytes) -> Iterator[Request]:
        """Those of whole lines; lines of another format are passed over."""
        places = [self.line.groupindex.get(name, self.line.groups) - 1 for name in _TOLD]
        session_in = self.session.search if self.session else None
        node_in = self.node.search if self.node else None
        told = map(itemgetter(*places), self.line.findall(block))
        for session, node, addr, time, path, status, cookies, request, rest in told:
            if session_in:
                found = session_in(cookies or rest) or (session_in(request) if self.in_request else None)
                session = found["session"] if found else b""  # noqa: PLW2901 - found elsewhere
            if node_in:
                found = node_in(rest)
                node = found["node"] if found else b""  # noqa: PLW2901 - likewise
            yield session, node, addr, time, path, status
