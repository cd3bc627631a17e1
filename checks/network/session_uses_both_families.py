"""Do requests of one session come by IPv4 and by IPv6?"""

from sessiondoctor.api import AccessLog, Fine, Problem, Severity, Unknown, Verdicts, check

MANY = 0.01  # of the sessions
FEWEST = 5


@check(severity=Severity.MEDIUM, false_alarm=0.05)
def session_uses_both_families(logs: tuple[AccessLog, ...]) -> Verdicts:
    """Requests of one session come by IPv4 and by IPv6.

    A browser chooses the family for each connection (Happy Eyeballs, RFC 8305). Affinity by address then moves the
    client, and an application that binds a session to its address throws it away.
    """
    for log in logs:
        mixed = log.sessions_with_both_families
        if log.sessions < FEWEST:
            yield Unknown(f"{log.file} has too few sessions", subject=log.subject)
        elif mixed > log.sessions * MANY:
            text = f"{mixed:,} of {log.sessions:,} sessions came by IPv4 and by IPv6"
            yield Problem(text, subject=log.subject)
        else:
            yield Fine(f"{mixed:,} of {log.sessions:,} sessions came by IPv4 and by IPv6", subject=log.subject)
