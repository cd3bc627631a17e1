"""Do nodes accept sessions that travel in the cookie?"""

from sessiondoctor.api import Fine, NotApplicable, Problem, Replay, Severity, Verdicts, check


@check(severity=Severity.CRITICAL)
def client_side_session_rejected(replay: Replay) -> Verdicts:
    """A node rejects a session that is stored wholly in the cookie.

    No store is involved: a node that does not accept it has another key, another serializer or another clock.
    """
    if not any(visit.session_cookie and visit.session_cookie.holds_state for visit in replay.visits):
        raise NotApplicable("the session is not in the cookie")
    lost = [cell for cell in replay.other if cell.state == "lost"]
    if not lost:
        yield Fine("every node accepts the cookies of the others")
        return
    outlier = replay.outlier
    yield Problem(
        f"{lost[0].read_on} does not accept the session that {lost[0].created_on} put into the cookie",
        where=(outlier,) if outlier else (),
    )
