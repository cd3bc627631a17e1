"""Check `mcp-session-unknown-elsewhere`."""

from sessiondoctor.api import Fine, Inconclusive, NotApplicable, Problem, Severity, Sockets, Verdicts, check


@check(severity=Severity.HIGH, role="loss")
def mcp_session_unknown_elsewhere(sockets: Sockets) -> Verdicts:
    """A replica does not know an MCP session that another one opened.

    The session's id travels in `Mcp-Session-Id`. Clients with a browser's cookies are looked at beside those without;
    most clients of MCP keep none.
    """
    if sockets.kind != "mcp":
        raise NotApplicable("the endpoint does not speak MCP")
    opened = tuple(one for one in sockets.tries if one.opened)
    telling = sockets.connections("browser", "bare")
    if not opened:
        raise Inconclusive("no session could be opened; is site.flow.websocket the path of the MCP endpoint?")
    if not any(one.has_id for one in opened):
        raise NotApplicable("the server keeps no sessions: each request stands alone")
    if not telling:
        raise Inconclusive("no further request of a session was answered in a way that tells")
    lost = tuple(one for one in telling if one.is_lost)
    if lost:
        kept = any(one.client == "browser" and not one.is_lost for one in telling)
        who = "sessions of clients without cookies" if kept and lost[0].client == "bare" else "sessions"
        yield Problem(
            f"{len(lost)} of {len(telling)} {who} met a replica that does not know them: {lost[0].refusal}",
            seen={"statuses": [[answer.status for answer in one.later] for one in telling]},
        )
    else:
        power = 1.0 - 0.5 ** sum(one.known for one in telling)
        yield Fine(f"all {len(telling)} sessions were known to whoever answered", power=power)
