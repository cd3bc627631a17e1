"""Are clients that come back given new session ids, by the access log?"""

from sessiondoctor.api import AccessLog, Fine, Problem, Severity, Unknown, Verdicts, check

FEWEST = 5  # clients
MANY = 0.05


@check(severity=Severity.HIGH, false_alarm=0.02)
def clients_get_new_sessions(logs: tuple[AccessLog, ...]) -> Verdicts:
    """Clients that come back are given new session ids again and again.

    A client is an address that has one session at a time; a new id is one whose first request comes within five
    minutes after the last request of the one before. Twice may be a login and a logout: three times is not.
    """
    for log in logs:
        told = f"{log.clients_with_new_ids:,} of {log.clients:,} clients had a new session id three times or more"
        if not log.first_at or log.clients < FEWEST:
            yield Unknown(f"{log.file} has no times, or too few clients", subject=log.subject)
        elif log.clients_with_new_ids >= max(2, log.clients * MANY):
            yield Problem(told, subject=log.subject, seen={"sessions_of_one_request": log.once})
        else:
            yield Fine(told, subject=log.subject)
