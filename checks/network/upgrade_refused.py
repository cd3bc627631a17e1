"""Check `upgrade-refused`."""

import re

from sessiondoctor.api import Fine, Inconclusive, NotApplicable, Problem, Severity, Sockets, Upgrade, Verdicts, check

_SWITCHED = 101
_UPGRADE_REQUIRED = 426
_NOT_ALLOWED = frozenset({401, 403})
# What libraries answer to a handshake that lost its Upgrade and Connection headers on the way.
_NO_UPGRADE = re.compile(
    r"(?i)can \"?upgrade\"? only to \"?websocket|'upgrade' token not found|upgrade required"
    r"|not a websocket (request|handshake)|missing (or invalid )?(sec-websocket|upgrade)|expected (a )?websocket"
    r"|connection header did not include|\"code\":3\b"
)


@check(severity=Severity.HIGH, role="loss")
def upgrade_refused(sockets: Sockets) -> Verdicts:
    """A WebSocket handshake does not reach the application through the proxies.

    A proxy that does not pass `Upgrade` and `Connection` on makes a plain GET of it. That it is the proxy is known
    where a node itself accepts, where the server offers a WebSocket, or where the refusal says so.
    """
    if not sockets.upgrades:
        raise NotApplicable("this kind of connection has no WebSocket")
    site = tuple(one for one in sockets.upgrades if one.place == "site")
    nodes = tuple(one for one in sockets.upgrades if one.place != "site")
    refused = tuple(one for one in site if not one.accepted)
    if not any(one.status for one in site):
        raise Inconclusive(f"the handshake got no response: {site[0].trouble}" if site else "the site did not answer")
    if not refused:
        yield Fine("WebSocket handshakes are accepted through the site")
    elif any(one.status == _SWITCHED for one in refused):
        yield Problem("the handshake is answered by 101 without the proof that a WebSocket server gives")
    elif why := _sure(refused, nodes, offered=sockets.offers_upgrade):
        yield Problem(
            f"{len(refused)} of {len(site)} WebSocket handshakes through the site get {_told(refused[0])}; {why}",
            seen={"status": refused[0].status},
        )
    else:
        raise Inconclusive(
            f"the handshake is answered {_told(refused[0])}; whether a proxy or the application refuses it is not known"
        )


def _sure(refused: tuple[Upgrade, ...], nodes: tuple[Upgrade, ...], *, offered: bool) -> str:
    """Why it is not the application that refuses; empty if it may be."""
    accepting = [one.place for one in nodes if one.accepted]
    if accepting:
        return f"{accepting[0]} itself accepts them"
    if any(one.status == _UPGRADE_REQUIRED or _NO_UPGRADE.search(one.said) for one in refused):
        return "the application says that no upgrade was asked for"
    allowed = not any(one.status in _NOT_ALLOWED for one in refused)
    return "the server offers a WebSocket to those who poll" if offered and allowed and not nodes else ""


def _told(one: Upgrade) -> str:
    return f"{one.status} ({one.said!r})" if one.said else str(one.status)
