"""Do nodes answer requests with a session of another node?"""

from sessiondoctor.api import Fine, Inconclusive, Problem, Replay, Severity, Verdicts, check

SERVER_ERROR = 500
PASSING = {502, 503, 504}


@check(severity=Severity.CRITICAL)
def replay_errors(replay: Replay) -> Verdicts:
    """A node fails on a session of another node.

    A server error says that it found something it cannot read: another class version, another serializer. That a
    node is overloaded says so only if that node never answers otherwise.
    """
    answering = {visit.node for visit in replay.visits if not visit.refused and not visit.trouble}
    cells = [cell for cell in replay.cells if {cell.created_on, cell.read_on} <= answering]
    if not cells:
        raise Inconclusive("no node answered")
    failed = [cell for cell in cells if cell.state == "error" and cell.status >= SERVER_ERROR]
    working = {cell.read_on for cell in cells if cell.state in {"kept", "lost"}}
    if failed and all(cell.status in PASSING and cell.read_on in working for cell in failed):
        raise Inconclusive(f"{failed[0].read_on} answered {failed[0].status} at times, whosever the session")
    nodes = tuple(sorted({cell.read_on for cell in failed}))
    if failed:
        yield Problem(f"{', '.join(nodes)} answered {failed[0].status} to a request with a session", where=nodes)
    else:
        yield Fine("no node failed on a session")
