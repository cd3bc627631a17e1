"""Does a session that comes back to its node show what was changed elsewhere?"""

from sessiondoctor.api import Changed, Changes, Fine, Inconclusive, Problem, Replay, Severity, Verdicts, check


@check(severity=Severity.MEDIUM, role="loss")
def old_copy_on_return(changes: Changes, replay: Replay | None) -> Verdicts:
    """A session that comes back to its node is old.

    Made and changed on A, changed on B, read on A: A shows its own change of before and not that of B, although A's
    change did reach B, and a new session of B is known on A.
    """
    told = [pair for pair in changes.pairs if pair.arrived and pair.third == "kept" and _tells(pair)]
    told = [pair for pair in told if not _is_one_way(replay, pair.read_on, pair.made_on)]
    if not told:
        raise Inconclusive("no session was changed on two nodes one after the other")
    old = [pair for pair in told if all(look.state == "lost" for look in pair.returned)]
    if old:
        pair = old[0]
        text = f"{pair.made_on} still has its copy of before, after {pair.read_on} has changed the session"
        yield Problem(f"{text}; {len(old)} of {len(told)} sessions", seen={"pairs": len(told)})
    else:
        yield Fine(f"{len(told)} sessions came back with what was changed elsewhere")


def _tells(pair: Changed) -> bool:
    """Whether it was seen on its node again, or what was there before: neither an error nor a session that ended."""
    states = {look.state for look in pair.returned}
    return "kept" in states or (states == {"lost"} and pair.own == "kept")


def _is_one_way(replay: Replay | None, made_on: str, read_on: str) -> bool:
    """Whether new sessions of the one are unknown on the other: then there is no old copy, but none at all."""
    cell = replay.cell(made_on, read_on) if replay else None
    return cell is not None and cell.state != "kept"
