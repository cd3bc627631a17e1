"""Are sessions that met several nodes told to log in?"""

from sessiondoctor.api import AccessLog, Fine, Problem, Severity, Unknown, Verdicts, check

FEWEST = 100  # requests of each kind
MANY = 0.02
TIMES = 3


@check(severity=Severity.HIGH, false_alarm=0.02)
def moved_sessions_are_refused(logs: tuple[AccessLog, ...]) -> Verdicts:
    """Sessions that met several nodes are refused far more often than others.

    By the statuses 401, 403, 419 and 440 of the access log. Where applications redirect to a login page, nothing shows.
    """
    for log in logs:
        if log.requests_moved < FEWEST or log.requests_kept < FEWEST:
            yield Unknown(f"{log.file} has too few requests of sessions that moved, or did not", subject=log.subject)
            continue
        moved, kept = log.denied_moved / log.requests_moved, log.denied_kept / log.requests_kept
        told = f"{moved:.1%} of requests of sessions that met several nodes were refused, {kept:.1%} of the others"
        if moved > MANY and moved > TIMES * kept:
            yield Problem(told, subject=log.subject)
        else:
            yield Fine(told, subject=log.subject)
