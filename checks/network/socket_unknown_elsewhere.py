"""Check `socket-unknown-elsewhere`."""

from sessiondoctor.api import Fine, Inconclusive, NotApplicable, Problem, Severity, Sockets, SocketTry, Verdicts, check


@check(severity=Severity.HIGH, role="loss")
def socket_unknown_elsewhere(sockets: Sockets) -> Verdicts:
    """A node does not know a connection that another node opened.

    The connection's id travels in the query (Socket.IO, SignalR) or in a header (MCP), and only the node that made it
    knows it. Clients that keep cookies are looked at, as browsers do; of MCP all, as its clients keep none.
    """
    tries = tuple(one for one in sockets.tries if one.client == "browser" or sockets.kind == "mcp")
    opened = tuple(one for one in tries if one.opened)
    if not tries:
        raise NotApplicable("a WebSocket or a stream is one request")
    if not opened:
        raise Inconclusive(f"no connection could be opened: {tries[0].trouble or f'status {tries[0].status}'}")
    if not any(one.has_id for one in opened):
        raise NotApplicable("the server gives connections no id: each request stands alone")
    telling = tuple(one for one in opened if one.is_telling)
    if not telling:
        raise Inconclusive("no further request of a connection was answered in a way that tells")
    lost = tuple(one for one in telling if one.is_lost)
    if not lost:
        yield Fine(f"each of {len(telling)} connections was known to whoever answered", power=_power(telling))
        return
    yield Problem(
        f"{len(lost)} of {len(telling)} connections met a node that does not know them: {_said(lost)}",
        seen={"tries": [[answer.status for answer in one.later] for one in telling]},
    )


def _power(tries: tuple[SocketTry, ...]) -> float:
    """The chance that a balancer of two nodes without affinity would have shown itself."""
    requests = sum(answer.state == "known" for one in tries for answer in one.later)
    return 1.0 - 0.5**requests


def _said(lost: tuple[SocketTry, ...]) -> str:
    status = next(answer.status for answer in lost[0].later if answer.state == "lost")
    return f"status {status}, {lost[0].said!r}" if lost[0].said else f"status {status}"
