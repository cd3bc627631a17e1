"""Are the sessions of all nodes in the store, or those of none?"""

from sessiondoctor.api import Fine, Inconclusive, Located, NotApplicable, Problem, Severity, Verdicts, check


@check(severity=Severity.HIGH)
def sessions_partly_in_store(located: Located) -> Verdicts:
    """Only some nodes keep their sessions in the declared store.

    The application can use the store; these nodes are configured differently, or cannot reach it. An application that
    was never told to use a store keeps the sessions of all its nodes out of it.
    """
    if not located.searchable:
        raise Inconclusive(located.why_not or "the cookie does not tell the session's key")
    inside = {session.node for session in located.sessions if session.places}
    outside = {session.node for session in located.sessions if not session.places} - inside
    if len(inside | outside) < 2:  # two nodes are compared
        raise Inconclusive("sessions of one node only were looked for")
    if not outside:
        raise NotApplicable("the sessions of all nodes are in the store")
    if inside:
        names = ", ".join(sorted(outside))
        text = f"sessions of {', '.join(sorted(inside))} are in the store, those of {names} are not"
        yield Problem(text, where=tuple(sorted(outside)))
    else:
        yield Fine("sessions of no node are in the store")
