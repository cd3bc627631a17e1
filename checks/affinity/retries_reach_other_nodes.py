"""Are requests tried again on other nodes, by the access log?"""

from sessiondoctor.api import AccessLog, Fine, Problem, Severity, Unknown, Verdicts, check

SEVERAL = 2
MANY = 0.001  # of the requests


@check(severity=Severity.MEDIUM, false_alarm=0.05)
def retries_reach_other_nodes(logs: tuple[AccessLog, ...]) -> Verdicts:
    """A balancer tries requests again on another node than their session's.

    The access log names several nodes for one request: the first did not answer in time, or with an error. The second
    does not know the session.
    """
    for log in logs:
        requests, retried = sum(log.nodes.values()), log.requests_on_several_nodes
        if len(log.nodes) < SEVERAL:
            yield Unknown(f"{log.file} names fewer than two nodes", subject=log.subject)
        elif retried > requests * MANY:
            text = f"{retried:,} of {requests:,} requests were tried on more than one node"
            yield Problem(text, subject=log.subject, seen={"moved_by_retry": log.moved_by_retry})
        else:
            yield Fine(f"{retried:,} of {requests:,} requests were tried on more than one node", subject=log.subject)
