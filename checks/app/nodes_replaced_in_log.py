"""Were nodes replaced by others, by the access log?"""

from sessiondoctor.api import AccessLog, Fine, Problem, Severity, Unknown, Verdicts, check

SEVERAL = 2
FEW = 5  # names in a sentence


@check(severity=Severity.LOW, false_alarm=0.05)
def nodes_replaced_in_log(logs: tuple[AccessLog, ...]) -> Verdicts:
    """Nodes went for good while new ones came.

    So it is at a release or a change of scale. By the first and the last request that each
    node answered. What a node kept to itself went with it.
    """
    for log in logs:
        if not log.first_at or len(log.nodes) < SEVERAL:
            yield Unknown(f"{log.file} has no times, or fewer than two nodes", subject=log.subject)
            continue
        came = sorted({one.node for one in log.absences if one.came})
        left = sorted({one.node for one in log.absences if one.left})
        if came and left:
            seen = {"came": came, "left": left}
            told = f"{', '.join(left[:FEW])} went and {', '.join(came[:FEW])} came"
            yield Problem(told, subject=log.subject, seen=seen)
        else:
            yield Fine("the same nodes answered from the beginning to the end", subject=log.subject)
