"""Does reading a session elsewhere delete it?"""

from sessiondoctor.api import Fine, Inconclusive, Located, Problem, Severity, Verdicts, check


@check(severity=Severity.CRITICAL, role="loss")
def session_deleted_by_read(located: Located) -> Verdicts:
    """A session is deleted from the store when another node reads it.

    A node whose clock is ahead takes it for expired and deletes it (Spring Session); one with another secret may flush
    it (Django). The session is then lost on every node.
    """
    found = [session for session in located.sessions if session.places]
    if not found:
        raise Inconclusive("no session was found in a store")
    culprits = sorted({node for session in found for node in session.gone_after_read_on})
    if culprits:
        text = f"reading a session on {', '.join(culprits)} deletes it from the store"
        yield Problem(text, where=located.odd_one("deleted") or tuple(culprits))
    else:
        yield Fine("reading on other nodes leaves the keys in place")
