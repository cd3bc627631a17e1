"""Do a node knows all sessions of another node, or none?"""

from sessiondoctor.api import Fine, Inconclusive, Problem, Replay, Severity, Verdicts, check

SEVERAL = 2


@check(severity=Severity.MEDIUM)
def replay_differs_by_session(replay: Replay) -> Verdicts:
    """A node knows only some of another node's sessions.

    Several sessions of each node are shown to each other one. Secrets, prefixes and addresses that differ lose all of
    them. Some only are lost by a race, by eviction, or where the session's id decides which server has it.
    """
    pairs = [cell for cell in replay.other if sum(state in {"kept", "lost"} for state in cell.seen) >= SEVERAL]
    if not pairs:
        raise Inconclusive("no node was shown two sessions of another; declare site.flow and two node URLs")
    differing = [cell for cell in pairs if cell.differs]
    if differing:
        first = differing[0]
        text = f"{first.read_on} knows some of the sessions of {first.created_on}, and not others"
        seen = {"pairs": [f"{cell.created_on} to {cell.read_on}: {', '.join(cell.seen)}" for cell in differing]}
        yield Problem(text, seen=seen)
    else:
        yield Fine("a node knows all sessions of another node, or none")
