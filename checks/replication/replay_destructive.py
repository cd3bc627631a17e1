"""Does a node that does not know a session destroy it?"""

from sessiondoctor.api import Fine, NotApplicable, Problem, Replay, Severity, Verdicts, check


@check(severity=Severity.CRITICAL)
def replay_destructive(replay: Replay) -> Verdicts:
    """Reading a session on another node destroys it everywhere.

    After the visit elsewhere the node that made the session does not know it any more, with the old cookie or the new.
    """
    lost = [cell for cell in replay.other if cell.state == "lost"]
    home = {cell.created_on for cell in replay.own if cell.state == "kept"}
    told = [cell for cell in lost if cell.created_on in home and cell.back != "unknown"]
    if not told:
        raise NotApplicable("no session was lost that its own node knows")
    destroyed = [cell for cell in told if cell.back == "lost" and cell.back_newest == "lost"]
    culprits = tuple(sorted({cell.read_on for cell in destroyed}))
    if culprits:
        yield Problem(f"after a visit to {', '.join(culprits)} a session is lost everywhere", where=culprits)
    else:
        yield Fine("its own node still knows a session that another one does not")
