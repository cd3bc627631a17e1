"""Is a session that was written in the declared store?"""

from sessiondoctor.api import Fine, Inconclusive, Located, Problem, Severity, Verdicts, check


@check(severity=Severity.CRITICAL)
def session_not_in_store(located: Located) -> Verdicts:
    """A new session is in none of the declared stores.

    The node keeps it to itself, uses a store nobody declared, or its write failed. A file where no other node keeps
    sessions is no store, either: the node alone sees that disk.
    """
    if not located.searchable:
        raise Inconclusive(located.why_not or "the cookie does not tell the session's key")
    for session in located.sessions:
        if session.node in located.on_own_disk():
            text = f"{session.node} alone keeps its sessions in {session.places[0].home}"
            yield Problem(text, subject=session.node, where=(session.node,))
        elif session.places:
            yield Fine(f"a session of {session.node} is in {session.places[0].store}", subject=session.node)
        else:
            searched = ", ".join(located.searched)
            text = f"a session written on {session.node} is not in {searched}"
            yield Problem(text, subject=session.node, where=(session.node,))
