"""Do the few sessions of an excerpt change their address and get refused?"""

from sessiondoctor.api import AccessLog, Fine, Problem, Severity, Unknown, Verdicts, check

FEW = 5  # sessions: somebody cut out the lines that matter
ALARM = 0.02


@check(severity=Severity.MEDIUM, false_alarm=0.01)
def excerpt_changes_address(logs: tuple[AccessLog, ...]) -> Verdicts:
    """A session of an excerpt changes its address and is refused.

    Read from the few lines of an access log that somebody chose: the same session by IPv4 and by IPv6, or from two
    networks, and a 401 or 403 to one of its requests.
    """
    for log in logs:
        denied = log.denied_kept + log.denied_moved
        if not 0 < log.sessions <= FEW:
            yield Unknown(f"{log.file} is no excerpt of a few sessions", subject=log.subject)
        elif log.sessions_with_several_addresses == log.sessions and denied:
            families = "IPv4 and IPv6" if log.sessions_with_both_families else "several addresses"
            text = f"one session came by {families}, and a request of it was refused"
            yield Problem(text, subject=log.subject, chance=ALARM)
        else:
            yield Fine("no session of the excerpt came from several addresses and was refused", subject=log.subject)
