"""Does every node accept connections?"""

from sessiondoctor.api import Fine, Problem, Replay, Severity, Verdicts, check


@check(severity=Severity.HIGH)
def node_refuses(replay: Replay) -> Verdicts:
    """A node refuses connections.

    It may be down, or its port may be closed to this machine. Sessions that live only there are gone while it is down.
    """
    for visit in replay.visits:
        if visit.refused:
            yield Problem(f"{visit.node} refuses connections", subject=visit.node, where=(visit.node,))
        elif not visit.trouble:
            yield Fine(f"{visit.node} answers", subject=visit.node)
