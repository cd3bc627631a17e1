"""How long does it take until a session is on another node?"""

from collections.abc import Iterator

from sessiondoctor.api import Changes, Fine, Inconclusive, Look, Problem, Severity, Verdicts, check


@check(severity=Severity.HIGH, role="loss", false_alarm=0.002)
def copies_arrive_late(changes: Changes) -> Verdicts:
    """What is written on one node is on another only later.

    The same change, looked for until it was there; and fresh sessions, each looked at once, at 0 to 1.5 seconds. A
    request that comes to the other node sooner finds nothing, or the state of before.
    """
    seen = {"arrivals": [f"{one.look.after_s:.2f} s {one.look.state}" for one in changes.arrivals]}
    late = [looks for looks in _followed(changes) if looks[-1].state == "kept" and _missed(looks)]
    waited = max((looks[-1].after_s for looks in late), default=_least(changes))
    if late or waited:
        times = sum(looks[0].state == "kept" for looks in _followed(changes))
        text = f"another node has what was written only after {waited:.2f} s"
        yield Problem(f"{text}; at once {times} of {times + len(late)} times", seen=seen)
    elif any(looks[-1].state == "kept" for looks in _followed(changes)):
        yield Fine("what is written on one node is on the next at once", seen=seen)
    else:
        raise Inconclusive("no change was ever seen on another node")


def _followed(changes: Changes) -> Iterator[tuple[Look, ...]]:
    """The looks at each change, of those that were looked for."""
    for pair in changes.pairs:
        yield from (looks for looks in (pair.looks, pair.returned) if looks)


def _missed(looks: tuple[Look, ...]) -> bool:
    return any(look.state == "lost" for look in looks)


def _least(changes: Changes) -> float:
    """The age from which on every fresh session was there, where all younger ones were not; 0 without such a bound."""
    ages = sorted((one.look.after_s, one.look.state) for one in changes.arrivals)
    kept = [age for age, state in ages if state == "kept"]
    lost = [age for age, state in ages if state == "lost"]
    apart = kept and lost and max(lost) < min(kept)
    return min(kept) if apart and len(lost) > 1 and len(kept) > 1 else 0.0
