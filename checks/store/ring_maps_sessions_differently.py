"""Do all nodes look for a session on the same memcached server?"""

from collections import Counter, defaultdict

from sessiondoctor.api import Fine, Problem, Ring, RingTry, Severity, Unknown, Verdicts, check, named

NOT_THERE = {"elsewhere", "new"}


@check(severity=Severity.CRITICAL, role="loss")
def ring_maps_sessions_differently(rings: tuple[Ring, ...]) -> Verdicts:
    """Nodes map sessions to different servers of one memcached ring.

    A session is written on one node and then, with the same cookie, on another. If the second write goes to a server
    that did not have the session, the second node uses another list of servers, other weights or another hash. A node
    that knows the sessions of some servers and begins a new one for those of others does not use these others.
    """
    for ring in rings:
        pairs: dict[tuple[str, str], list[RingTry]] = defaultdict(list)
        for one in ring.tries:
            pairs[one.made_on, one.written_on].append(one)
        apart = [one for tries in pairs.values() if _differs(tries) for one in tries if one.outcome in NOT_THERE]
        if apart:
            odd = _odd(apart, ring.tries)
            text = f"{named(odd, 'maps', 'map')} sessions to other servers of {ring.store} than the other nodes"
            yield Problem(text, subject=ring.store, where=odd, seen={"tries": _counts(ring.tries)})
        elif any(_agrees(tries) for tries in pairs.values()):
            yield Fine(f"the nodes map sessions to the same servers of {ring.store}", subject=ring.store, power=0.98)
        else:
            yield Unknown(ring.why_not or "no node wrote into the session of another", subject=ring.store)


def _differs(tries: list[RingTry]) -> bool:
    """Whether the second node writes elsewhere, or knows the sessions of some servers only."""
    if any(one.outcome == "elsewhere" for one in tries):
        return True
    known = {place for one in tries if one.outcome == "same" for place in one.held_by}
    unknown = {place for one in tries if one.outcome == "new" for place in one.held_by}
    return bool(known and unknown) and not known & unknown


def _agrees(tries: list[RingTry]) -> bool:
    return any(one.outcome == "same" for one in tries) and all(one.outcome != "new" for one in tries)


def _odd(apart: list[RingTry], tries: tuple[RingTry, ...]) -> tuple[str, ...]:
    """Those that write a session where most nodes do not; all of a session's nodes, where there is no majority."""
    odd: set[str] = set()
    for session in {one.session for one in apart}:
        mine = [one for one in tries if one.session == session and one.outcome != "unseen"]
        written = {mine[0].made_on: mine[0].held_by, **{one.written_on: _where(one) for one in mine}}
        ranks = Counter(written.values()).most_common(2)
        if len(ranks) > 1 and ranks[0][1] == ranks[1][1]:
            odd |= written.keys()
        else:
            odd |= {node for node, places in written.items() if places != ranks[0][0]}
    return tuple(sorted(odd))


def _where(one: RingTry) -> tuple[str, ...]:
    """The servers that the second node takes; none where it did not know the session."""
    return one.held_by if one.outcome == "same" else one.written_to


def _counts(tries: tuple[RingTry, ...]) -> dict[str, int]:
    return dict(Counter(f"{one.made_on} then {one.written_on}: {one.outcome}" for one in tries))
