"""Does a node fail on a session of its own?"""

from sessiondoctor.api import Fine, Inconclusive, Problem, Replay, Severity, Verdicts, check

SERVER_ERROR = 500


@check(severity=Severity.CRITICAL)
def replay_errors_at_home(replay: Replay) -> Verdicts:
    """A node fails on a session of its own.

    Nothing of another node is involved: no other secret, serializer or class. What it writes to or reads from does not
    answer, or refuses.
    """
    writes = [(visit.node, visit.status) for visit in replay.visits if not visit.refused and not visit.trouble]
    if not writes:
        raise Inconclusive("no node answered")
    reads = [(cell.read_on, cell.status) for cell in replay.own if cell.state == "error"]
    failed = {node: status for node, status in (*writes, *reads) if status >= SERVER_ERROR}
    if failed:
        nodes = tuple(sorted(failed))
        yield Problem(
            f"{', '.join(nodes)} answered {failed[nodes[0]]} to a request with a session that the same node had made",
            where=nodes,
        )
    elif any(cell.state in {"kept", "lost"} for cell in replay.own):
        yield Fine("no node failed on a session of its own")
    else:
        raise Inconclusive("no node was asked for a session of its own")
