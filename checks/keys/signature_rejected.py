"""Do nodes accept each other's signatures?"""

from sessiondoctor.api import Fine, Inconclusive, Located, NotApplicable, Problem, Replay, Severity, Verdicts, check


@check(severity=Severity.CRITICAL)
def signature_rejected(replay: Replay, located: Located) -> Verdicts:
    """A node rejects another node's signed cookie, although the store is shared.

    Both nodes keep their sessions in one store under one prefix, and still one does not find the other's: it rejects
    the cookie before it looks. A node that deletes the session has looked: that is another matter. So is one whose own
    cookie has another name: it does not look at this one.
    """
    if not any(visit.session_cookie and visit.session_cookie.signed for visit in replay.visits):
        raise NotApplicable("the session cookie is not signed")
    homes = {
        session.node: {(place.home, place.prefix) for place in session.places}
        for session in located.sessions
        if session.places
    }
    names = {visit.node: visit.session_cookie.name for visit in replay.visits if visit.session_cookie}
    deleting = {(session.node, node) for session in located.sessions for node in session.gone_after_read_on}
    lost = [
        cell
        for cell in replay.other
        if cell.state == "lost"
        and names.get(cell.created_on) == names.get(cell.read_on)
        and homes.get(cell.created_on, set()) & homes.get(cell.read_on, set())
        and (cell.created_on, cell.read_on) not in deleting
    ]
    if len(homes) < 2:  # two nodes are compared
        raise Inconclusive("the sessions of fewer than two nodes were found in a store")
    if not lost:
        yield Fine("nodes that share a store accept each other's cookies")
        return
    outlier = replay.outlier
    pair = f"{lost[0].read_on} rejects a cookie of {lost[0].created_on}"
    yield Problem(f"{pair}, though both keep sessions in one place", where=(outlier,) if outlier else ())
