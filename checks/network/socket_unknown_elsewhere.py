"""Check `socket-unknown-elsewhere`."""

from sessiondoctor.api import Fine, Inconclusive, NotApplicable, Problem, Severity, Sockets, Verdicts, check


@check(severity=Severity.HIGH, role="loss")
def socket_unknown_elsewhere(sockets: Sockets) -> Verdicts:
    """A node does not know a connection that another node opened.

    A connection of Socket.IO or SignalR begins with several requests, which carry its id in the query; only the node
    that made the id knows it. Looked at with clients that keep cookies, as browsers do.
    """
    if sockets.kind not in {"socketio", "signalr"}:
        raise NotApplicable("its connections are made by one request, or carry their id in a header")
    opened = tuple(one for one in sockets.tries if one.client == "browser" and one.opened)
    telling = sockets.connections("browser")
    if not opened:
        raise Inconclusive("no connection could be opened; is site.flow.websocket its path?")
    if not telling:
        raise Inconclusive("no further request of a connection was answered in a way that tells")
    lost = tuple(one for one in telling if one.is_lost)
    if lost:
        yield Problem(
            f"{len(lost)} of {len(telling)} connections met a node that does not know them: {lost[0].refusal}",
            seen={"statuses": [[answer.status for answer in one.later] for one in telling]},
        )
    else:
        # Of two nodes that take turns at random, each request misses with a chance of one half.
        power = 1.0 - 0.5 ** sum(one.known for one in telling)
        yield Fine(f"all {len(telling)} connections were known to whoever answered", power=power)
