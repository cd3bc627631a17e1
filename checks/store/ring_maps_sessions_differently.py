"""Do all nodes look for a session on the same memcached server?"""

from collections import Counter, defaultdict

from sessiondoctor.api import Fine, Problem, Ring, RingTry, Severity, Unknown, Verdicts, check


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
        apart = [pair for pair, tries in pairs.items() if _differs(tries)]
        together = [pair for pair, tries in pairs.items() if not _differs(tries) and _agrees(tries)]
        if apart:
            odd = _odd(apart, together)
            text = f"{', '.join(odd)} maps sessions to other servers of {ring.store} than the other nodes"
            yield Problem(text, subject=ring.store, where=odd, seen={"tries": _counts(ring.tries)})
        elif together:
            yield Fine(f"all nodes map sessions to the same servers of {ring.store}", subject=ring.store, power=0.98)
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


def _odd(apart: list[tuple[str, str]], together: list[tuple[str, str]]) -> tuple[str, ...]:
    """The nodes outside the largest group that agrees; all, where no group is the largest."""
    nodes = sorted({name for pair in (*apart, *together) for name in pair})
    group = {name: name for name in nodes}
    for one, other in together:
        old, new = group[one], group[other]
        group = {name: new if name_of == old else name_of for name, name_of in group.items()}
    sizes = Counter(group.values()).most_common(2)
    if len(sizes) < 2 or sizes[0][1] == sizes[1][1]:  # noqa: PLR2004 - two groups are compared
        return tuple(nodes)
    return tuple(name for name in nodes if group[name] != sizes[0][0])


def _counts(tries: tuple[RingTry, ...]) -> dict[str, int]:
    return dict(Counter(f"{one.made_on} then {one.written_on}: {one.outcome}" for one in tries))
