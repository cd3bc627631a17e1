"""Does a session keep to its node, by the access log?"""

from sessiondoctor.api import AccessLog, Fine, NotApplicable, Problem, Severity, Topology, Unknown, Verdicts, check

PROMISED = {"sticky", "unknown"}
SEVERAL = 2
FEWEST = 5  # sessions that came back
MANY = 0.02  # of the sessions: what a node that was restarted, or a retry, moves is less


@check(severity=Severity.HIGH)
def sessions_meet_several_nodes(logs: tuple[AccessLog, ...], topology: Topology) -> Verdicts:
    """Requests of one session were answered by several nodes.

    Read from access logs that have the session cookie and the node of each request. Where sessions are shared, that is
    harmless and this does not apply.
    """
    mode = topology.mode()
    if mode not in PROMISED:
        raise NotApplicable(f"affinity is not expected in mode {mode}")
    for log in logs:
        yield _verdict(log)


def _verdict(log: AccessLog) -> Problem | Fine | Unknown:
    if len(log.nodes) < SEVERAL or log.again < FEWEST:
        why = "it names fewer than two nodes" if len(log.nodes) < SEVERAL else "too few sessions came back"
        return Unknown(f"{log.file} does not tell which node answers a session: {why}", subject=log.subject)
    moved, told = log.sessions_on_several_nodes, f"{log.sessions_on_several_nodes:,} of {log.again:,} sessions"
    seen = {"nodes": log.nodes, "moved_by_retry": log.moved_by_retry}
    if moved >= max(SEVERAL, log.again * MANY):
        return Problem(f"{told} met more than one node", subject=log.subject, seen=seen)
    if moved:
        return Unknown(f"{told} met more than one node; so few may be retries or a restart", log.subject, seen)
    return Fine(f"all {log.again:,} sessions kept to one node", subject=log.subject, seen=seen)
