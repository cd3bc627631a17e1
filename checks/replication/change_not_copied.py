"""Is a later change of a session on the other nodes, as the first one is?"""

from sessiondoctor.api import Changes, Fine, Inconclusive, Problem, Severity, Verdicts, check


@check(severity=Severity.HIGH, role="loss")
def change_not_copied(changes: Changes) -> Verdicts:
    """A session's later changes never reach other nodes.

    A session is made on a node, changed there in a second request, and read on another for a second and a half. What
    the session was made with is there, so that sessions are shared, and what was changed is not.
    """
    told = [pair for pair in changes.pairs if pair.arrived or (pair.never and pair.first == "kept")]
    kept_back = [pair for pair in told if pair.never]
    if not told:
        raise Inconclusive("no node knows what was put into a session of another, or changes do not show at home")
    if kept_back:
        pair = kept_back[0]
        text = f"{pair.read_on} has what a session of {pair.made_on} was made with, and not what was changed later"
        yield Problem(f"{text}; {len(kept_back)} of {len(told)} sessions", seen={"looks": _looks(changes)})
    else:
        yield Fine(f"later changes reach the other nodes ({len(told)} sessions)", seen={"looks": _looks(changes)})


def _looks(changes: Changes) -> list[str]:
    """Each session's course: when it was looked for, and whether it was there."""
    return [
        f"{pair.made_on} to {pair.read_on}: " + ", ".join(f"{look.after_s:.2f} s {look.state}" for look in pair.looks)
        for pair in changes.pairs
    ]
