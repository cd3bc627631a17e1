"""Check `socket-lost-without-cookies`."""

from sessiondoctor.api import Fine, Inconclusive, NotApplicable, Problem, Severity, Sockets, Verdicts, check


@check(severity=Severity.MEDIUM, role="sign")
def socket_lost_without_cookies(sockets: Sockets) -> Verdicts:
    """Clients without cookies lose connections that browsers keep.

    Scripts of another origin that send no credentials, preflight requests and native clients carry no affinity cookie.
    """
    if sockets.kind not in {"socketio", "signalr"}:
        raise NotApplicable("its clients need no cookies, or keep none")
    bare, browsers = sockets.connections("bare"), sockets.connections("browser")
    if not bare or not browsers:
        raise Inconclusive("no connection was opened both with cookies and without")
    if any(one.is_lost for one in browsers):
        raise NotApplicable("browsers lose their connections, too")
    lost = sum(one.is_lost for one in bare)
    if lost:
        summary = f"{lost} of {len(bare)} connections of clients without cookies met a node that does not know them"
        yield Problem(f"{summary}; those of browsers were kept")
    elif sockets.preflight == "lost":
        yield Problem("the OPTIONS request before a script of another origin meets a node that refuses the connection")
    else:
        yield Fine("clients without cookies keep their connections")
