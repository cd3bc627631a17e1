"""Did sessions move because their node was away, by the access log?"""

from sessiondoctor.api import AccessLog, Fine, Problem, Severity, Unknown, Verdicts, check

SEVERAL = 2
MOST = 0.5  # of the moves


@check(severity=Severity.MEDIUM, false_alarm=0.02)
def sessions_leave_absent_nodes(logs: tuple[AccessLog, ...]) -> Verdicts:
    """Sessions moved for good at the minute their node answered nobody.

    The access log has the node and the time of each request. A node that is otherwise busy and is silent for a while,
    while the others go on, was stopped, restarted or taken out.
    """
    for log in logs:
        if not log.first_at or len(log.nodes) < SEVERAL:
            yield Unknown(f"{log.file} has no times, or fewer than two nodes", subject=log.subject)
            continue
        away = [one for one in log.absences if not one.came]
        told = f"{log.moves_from_absent_nodes:,} of {log.moved_for_good:,} sessions that moved for good left"
        if log.moves_from_absent_nodes >= max(SEVERAL, log.moved_for_good * MOST):
            minutes = [{"node": one.node, "minutes": one.end - one.begin + 1, "left": one.left} for one in away]
            nodes = tuple(dict.fromkeys(one.node for one in away))
            told += " a node while it answered nobody"
            yield Problem(told, subject=log.subject, seen={"absences": minutes}, where=nodes)
        else:
            yield Fine(f"{told} a node while it answered nobody", subject=log.subject)
