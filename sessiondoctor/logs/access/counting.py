"""Counts sessions and nodes over the lines of an access log, in one pass."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from sessiondoctor.logs.access.formats import AccessFormat

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from sessiondoctor.evidence.access_logs import AccessLog

_MOST_NODES = 500
_LONGEST = 1 << 20  # bytes of a line
_SEPARATOR = re.compile(rb", | : ")
_ROUTE = re.compile(rb"\.(?P<node>[A-Za-z][\w-]{0,60})$")
_NOBODY = {b"-", b"", b"<NOSRV>"}


@dataclass(slots=True)
class _Session:
    """What the requests of one session met until now."""

    node: bytes
    address: bytes
    requests: int = 1
    moved: bool = False
    retried: bool = False
    addresses: bool = False
    families: bool = False

    def meet(self, node: bytes, address: bytes) -> None:
        """One more request."""
        if node:
            self.requests += 1
            self.moved |= self.node not in {b"", node}
            self.node = node
        if address and self.address != address:
            self.addresses = True
            self.families |= (b":" in address) != (b":" in self.address)


@dataclass(slots=True)
class _Count:
    """A log under way. `known`: hash of a session -> what its requests met; the id itself is not kept."""

    format: AccessFormat
    lines: int = 0
    read: int = 0
    retried: int = 0
    known: dict[int, _Session] = field(default_factory=dict)
    nodes: Counter[bytes] = field(default_factory=Counter)
    statuses: Counter[bytes] = field(default_factory=Counter)

    def take(self, block: bytes) -> None:
        """Whole lines."""
        self.lines += block.count(b"\n") + (not block.endswith(b"\n"))
        told = frozenset(self.format.line.groupindex)
        for match in self.format.line.finditer(block):
            self.read += 1
            session = match["session"] if "session" in told else self._session(match, told)
            tried = self._tried(match, session, told)
            node = tried[-1] if tried else b""
            self.nodes[node] += 1
            if "status" in told:
                self.statuses[match["status"][:1]] += 1
            several = len(tried) > 1 and len(set(tried)) > 1
            self.retried += several
            if session not in _NOBODY:
                self._note(session, node, match["addr"] if "addr" in told else b"", retried=several)

    def _session(self, match: re.Match[bytes], told: frozenset[str]) -> bytes:
        pattern = self.format.session
        if pattern is None:
            return b""
        texts = (match[name] for name in ("rest", "cookies", "path") if name in told)
        found = next((found for text in texts if (found := pattern.search(text))), None)
        return found["session"] if found else b""

    def _tried(self, match: re.Match[bytes], session: bytes, told: frozenset[str]) -> list[bytes]:
        """The nodes of a request in order; of a log that names none, the route in the session's id."""
        if "node" in told:
            named = match["node"]
        else:
            found = self.format.node.search(match["rest"]) if self.format.node else _ROUTE.search(session)
            named = found["node"] if found else b""
        if b" " not in named:
            return [] if named in _NOBODY else [named]
        return [node for node in _SEPARATOR.split(named) if node not in _NOBODY]

    def _note(self, session: bytes, node: bytes, address: bytes, *, retried: bool) -> None:
        key = hash(_ROUTE.sub(b"", session))
        seen = self.known.get(key)
        if seen:
            seen.meet(node, address)
        else:
            seen = self.known[key] = _Session(node, address)
        seen.retried |= retried


def count(
    pieces: Iterable[bytes], form: AccessFormat, log: AccessLog, tell: Callable[[int], None] | None = None
) -> AccessLog:
    """The log with its counts; an `EOFError` of the pieces ends it, and is told in `cut`."""
    counting, carry, size, cut = _Count(form), b"", 0, ""
    try:
        for piece in pieces:
            size += len(piece)
            block = carry + piece
            end = block.rfind(b"\n") + 1 or (len(block) if len(block) > _LONGEST else 0)
            if end:
                counting.take(block[:end])
            carry = block[end:]
            if tell:
                tell(size)
    except EOFError as error:
        cut = str(error)
    if carry:
        counting.take(carry)
    return _result(counting, replace(log, size=size, cut=cut))


def _result(counting: _Count, log: AccessLog) -> AccessLog:
    seen = counting.known.values()
    again = [one for one in seen if one.node and one.requests > 1]
    moved = [one for one in again if one.moved]
    nodes = counting.nodes.most_common(_MOST_NODES)
    return replace(
        log,
        format=counting.format.name,
        cookie=counting.format.cookie,
        lines=counting.lines,
        unread=counting.lines - counting.read,
        sessions=len(counting.known),
        again=len(again),
        sessions_on_several_nodes=len(moved),
        moved_by_retry=sum(one.retried for one in moved),
        sessions_with_several_addresses=sum(one.addresses for one in seen),
        sessions_with_both_families=sum(one.families for one in seen),
        requests_on_several_nodes=counting.retried,
        nodes={_shown(node): requests for node, requests in nodes if node},
        statuses={f"{_shown(digit)}xx": requests for digit, requests in sorted(counting.statuses.items()) if digit},
    )


def _shown(text: bytes) -> str:
    return "".join(filter(str.isprintable, text.decode("utf-8", "replace")))[:100]
