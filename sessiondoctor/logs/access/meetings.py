"""Sessions and the nodes they met, while lines are read: sums, least and greatest, so that order is nothing."""

from __future__ import annotations

from collections import Counter
from itertools import groupby, pairwise
from operator import attrgetter
from typing import TYPE_CHECKING

from sessiondoctor.logs.access.totals import OFTEN, PAUSE, Sessions

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

V4, V6 = 1, 2


def family(address: bytes) -> int:
    """IPv4 or IPv6, as a bit; 0 where no address is known."""
    if not address:
        return 0
    return V6 if address.count(b":") > 1 else V4


class Meeting:
    """The requests of one session at one node; `node` is empty where it is not known."""

    __slots__ = (
        "denied", "families", "first", "high", "high_route", "last", "low", "low_route", "node", "requests", "retried",
    )  # fmt: skip

    def __init__(self, node: bytes, second: int, client: bytes, route: bytes) -> None:
        self.node = node
        self.requests = 1
        self.first = self.last = second
        self.low = self.high = client
        self.families = family(client)
        self.low_route = self.high_route = route
        self.retried = False
        self.denied = 0

    def come(self, client: bytes, route: bytes) -> None:
        """A request from an address, with a route in its session's id."""
        if client:
            self.low, self.high = min(self.low or client, client), max(self.high, client)
            self.families |= family(client)
        if route:
            self.low_route, self.high_route = min(self.low_route or route, route), max(self.high_route, route)


class Meetings:
    """All of a log. A session's key is a hash: no id is kept."""

    def __init__(self) -> None:
        self._first: dict[int, Meeting] = {}
        self._more: dict[int, dict[bytes, Meeting]] = {}

    def __len__(self) -> int:
        return len(self._first) + len(self._more)

    def note(self, key: int, node: bytes, second: int, client: bytes, route: bytes) -> Meeting:
        """A request; what is known of its meeting."""
        meeting = self._first.get(key)
        if meeting is None:
            meeting = self._first[key] = Meeting(node, second, client, route)
            return meeting
        if meeting.node != node:
            others = self._more.setdefault(key, {})
            other = others.get(node)
            if other is None:
                other = others[node] = Meeting(node, second, client, route)
                return other
            meeting = other
        meeting.requests += 1
        if second > meeting.last:
            meeting.last = second
        elif second < meeting.first:
            meeting.first = second
        if client != meeting.low or route != meeting.low_route:
            meeting.come(client, route)
        return meeting

    def sessions(self) -> Iterator[tuple[int, list[Meeting]]]:
        """Each session's key with its meetings."""
        for key, meeting in self._first.items():
            others = self._more.get(key)
            yield key, [meeting, *others.values()] if others else [meeting]

    def clear(self) -> None:
        """Forget all."""
        self._first.clear()
        self._more.clear()


class Tally:
    """From meetings to counts."""

    def __init__(self) -> None:
        self.counts: Counter[str] = Counter()
        self.moves: Counter[tuple[str, int]] = Counter()
        self.births: Counter[int] = Counter()
        self._alone: list[Meeting] = []

    def take(self, meetings: list[Meeting]) -> None:
        """One session, whole."""
        whole = meetings[0] if len(meetings) == 1 else _joined(meetings)
        several, mixed = whole.low != whole.high, whole.families == V4 | V6
        self.births[whole.first // 60] += 1
        self.counts["seen"] += 1
        self.counts["once"] += whole.requests == 1
        self.counts["addresses"] += several
        self.counts["families"] += mixed
        if whole.low and not several and whole.first:
            self._alone.append(whole)
        known = [one for one in meetings if one.node]
        requests = sum(one.requests for one in known)
        if requests > 1:
            self.counts["again"] += 1
            kind = "moved" if len(known) > 1 else "kept"
            self.counts[f"{kind}_requests"] += requests
            self.counts[f"{kind}_denied"] += sum(one.denied for one in known)
            if kind == "moved":
                self._moved(known, whole, several=several, mixed=mixed)

    def _moved(self, known: list[Meeting], whole: Meeting, *, several: bool, mixed: bool) -> None:
        moves = list(_apart(known)) if whole.first else []
        self.moves.update(moves)
        self.counts["moved"] += 1
        self.counts["moved_retried"] += any(one.retried for one in known)
        self.counts["moved_apart"] += bool(moves)
        self.counts["moved_addresses"] += several
        self.counts["moved_families"] += mixed
        self.counts["moved_routes"] += whole.low_route != whole.high_route

    def sessions(self) -> Sessions:
        """The counts; clients, too, once all sessions are there."""
        for attribute in ("last", "first", "low"):  # by address, then time: stable sorts need no key in memory
            self._alone.sort(key=attrgetter(attribute))
        renewals = [
            found for _, each in groupby(self._alone, attrgetter("low")) if (found := _renewals(each)) is not None
        ]
        self._alone.clear()
        clients = {"clients": len(renewals), "clients_renewed": sum(found >= OFTEN for found in renewals)}
        return Sessions(**(self.counts | Counter(clients)))


def _joined(meetings: list[Meeting]) -> Meeting:
    whole = Meeting(b"", 0, b"", b"")
    whole.requests = sum(one.requests for one in meetings)
    whole.first, whole.last = min(one.first for one in meetings), max(one.last for one in meetings)
    whole.low = min((one.low for one in meetings if one.low), default=b"")
    whole.high = max(one.high for one in meetings)
    whole.low_route = min((one.low_route for one in meetings if one.low_route), default=b"")
    whole.high_route = max(one.high_route for one in meetings)
    for one in meetings:
        whole.families |= one.families
    return whole


def _apart(known: list[Meeting]) -> Iterator[tuple[str, int]]:
    """The nodes a session left for good, and the minute in which it met the next; nothing if it went to and fro."""
    ordered = sorted(known, key=attrgetter("first", "last", "node"))
    latest, moves = ordered[0].last, []
    for before, after in pairwise(ordered):
        if after.first < latest:
            return
        moves.append((shown(before.node), after.first // 60))
        latest = max(latest, after.last)
    yield from moves


def _renewals(sessions: Iterable[Meeting]) -> int | None:
    """How often a client had a new id soon after the last one; None if it had two at once, as behind one address."""
    latest, found = 0, 0
    for one in sessions:
        if one.first < latest:
            return None
        found += latest > 0 and one.first - latest <= PAUSE
        latest = max(latest, one.last)
    return found


def shown(text: bytes) -> str:
    """Text of a log for a report."""
    return "".join(filter(str.isprintable, text.decode("utf-8", "replace")))[:100]
