"""Does the route in a session's id change, by the access log?"""

from sessiondoctor.api import AccessLog, Fine, Problem, Severity, Unknown, Verdicts, check

SEVERAL = 2
FEWEST = 5  # sessions that came back
MANY = 0.02


@check(severity=Severity.MEDIUM, false_alarm=0.02)
def session_id_names_several_nodes(logs: tuple[AccessLog, ...]) -> Verdicts:
    """The same session's id named several nodes, one after the other.

    Tomcat and its like put their jvmRoute behind the id, and another one after a fail-over.
    """
    for log in logs:
        told = f"{log.moved_with_routes:,} of {log.again:,} sessions had several routes in their id"
        if log.again < FEWEST or len(log.nodes) < SEVERAL:
            yield Unknown(f"{log.file} has too few sessions, or fewer than two nodes", subject=log.subject)
        elif log.moved_with_routes >= max(SEVERAL, log.again * MANY):
            yield Problem(told, subject=log.subject)
        else:
            yield Fine(told, subject=log.subject)
