"""Does a node accept what was protected with a key that it has?"""

from sessiondoctor.api import Fine, Inconclusive, NotApplicable, Problem, Replay, Severity, Verdicts, check


@check(severity=Severity.HIGH)
def same_key_rejected(replay: Replay) -> Verdicts:
    """Two nodes use one Data Protection key and reject each other's sessions.

    The key is combined with the application's name (by default its content root): another name, another purpose, and
    decryption fails though the key is there.
    """
    used = {visit.node: cookie.key_id for visit in replay.visits for cookie in visit.cookies if cookie.key_id}
    if not used:
        raise NotApplicable("no node sets a cookie of ASP.NET Core Data Protection")
    alike = [
        cell
        for cell in replay.other
        if cell.state in {"kept", "lost"} and used.get(cell.created_on, "a") == used.get(cell.read_on, "b")
    ]
    if not alike:
        raise Inconclusive("no two nodes with one key were compared")
    lost = [cell for cell in alike if cell.state == "lost"]
    if lost:
        outlier = (replay.outlier,) if replay.outlier else ()
        yield Problem(f"{lost[0].read_on} rejects a session of {lost[0].created_on}, with the same key", where=outlier)
    else:
        yield Fine("nodes with one key accept each other's sessions")
