"""Does every visitor get a session of their own?"""

from sessiondoctor.api import Fine, Inconclusive, Problem, Severity, Verdicts, Visits, check


@check(severity=Severity.CRITICAL, role="loss")
def session_shared_by_strangers(visits: Visits) -> Verdicts:
    """New clients are handed the same session, or shown each other's data.

    A shared cache keeps a response together with its Set-Cookie and gives it to everybody: users see each other's data.
    """
    if visits.leaked:
        yield Problem("a new client without cookies was shown what another client had written")
        return
    sessions = [exchange.session for exchange in visits.firsts if exchange.session]
    if len(sessions) < 2 and visits.leaked is None:  # one visitor shares with nobody
        raise Inconclusive("too few new clients were handed a session")
    if visits.shared_sessions:
        yield Problem(f"{visits.shared_sessions} clients held the session of another client")
    else:
        yield Fine(f"{len(sessions)} new clients were given {len(sessions)} different sessions")
