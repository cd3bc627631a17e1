"""Are many sessions made in one minute, by the access log?"""

from sessiondoctor.api import AccessLog, Fine, Problem, Severity, Unknown, Verdicts, check

FEWEST = 60  # minutes of log
MANY = 30  # sessions
TIMES = 10


@check(severity=Severity.MEDIUM, false_alarm=0.05)
def sessions_born_at_once(logs: tuple[AccessLog, ...]) -> Verdicts:
    """In one minute far more sessions began than in others.

    So it is after all were lost at once: at a restart, a new secret, an emptied store. A campaign shows the same.
    """
    for log in logs:
        if log.last_at - log.first_at < FEWEST or not log.births:
            yield Unknown(f"{log.file} tells of less than an hour", subject=log.subject)
            continue
        told = (
            f"{log.births_peak:,} sessions began at {log.births_peak_minute} UTC, {log.births:,} in an ordinary minute"
        )
        # The first minutes of a log show every session for the first time.
        if log.births_peak >= max(MANY, TIMES * log.births) and log.births_peak_at > log.first_at + TIMES:
            yield Problem(told, subject=log.subject)
        else:
            yield Fine(told, subject=log.subject)
