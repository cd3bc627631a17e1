"""Connections made through the public entry as their clients make them, and held where the user consents."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from sessiondoctor.errors import Unavailable
from sessiondoctor.evidence.sockets.sockets import SocketAnswer, Sockets, SocketTry
from sessiondoctor.probes.contract import Absent, Probe
from sessiondoctor.probes.flows.visitors import Bounds, Callers, landings, timeout_of
from sessiondoctor.probes.nodes.replay import asked, target
from sessiondoctor.probes.responses.cookie_roles import roles_of
from sessiondoctor.probes.responses.node_naming import Namer
from sessiondoctor.probes.sockets.handshake import QUERIES
from sessiondoctor.probes.sockets.protocols import TALKS, SocketIo
from sessiondoctor.probes.sockets.visitor import BARE, BROWSERS, HELD, PREFLIGHTS, Visitor, said_by

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sessiondoctor.context import Context, Options
    from sessiondoctor.evidence.sockets.sockets import Upgrade
    from sessiondoctor.probes.browser.results import Answer
    from sessiondoctor.probes.sockets.visitor import Tried
    from sessiondoctor.topology.model import Topology

_REQUESTS = 5  # of one connection: opened, used three times, closed


def plan(topology: Topology, options: Options) -> Iterator[Probe | Absent]:
    """One probe, if an endpoint is declared."""
    socket = topology.site.flow.websocket
    if not socket.path:
        hint = "declare the path of the WebSocket, Socket.IO, SignalR or MCP endpoint: site.flow.websocket"
        yield Absent(Sockets, "site", "no endpoint that holds connections is declared", hint)
        return
    holding = f", {HELD} of them held until they end" if _held(topology, options) else ""
    yield Probe(
        evidence=Sockets,
        subject="site",
        describe=f"connections to {socket.path} ({socket.spoken}), with cookies and without{holding}",
        contacts=bounds_of(topology, options).contacts(topology),
        ask=_ask,
        timeout_s=options.deadline_s if holding else timeout_of(options),
    )


def bounds_of(topology: Topology, options: Options) -> Bounds:
    """The most requests, those of clients that open the site first included."""
    kind, held = topology.site.flow.websocket.spoken, _held(topology, options)
    single = PREFLIGHTS + _REQUESTS * (BROWSERS + BARE) if kind in TALKS else 0
    single += 2 if kind in QUERIES else int(kind == "sse")
    nodes = Counter(target(node).authority for node in asked(topology)) if kind in QUERIES else {}
    return Bounds(landings(topology, BROWSERS + 1 + held) + single + held, nodes)


def _held(topology: Topology, options: Options) -> int:
    """How many connections are held."""
    return HELD if options.allows("interact") and topology.site.flow.websocket.spoken != "mcp" else 0


async def _ask(context: Context) -> Sockets:
    topology, options = context.topology, context.options
    kind = topology.site.flow.websocket.spoken
    visitor, talk = Visitor(context, Callers.within(bounds_of(topology, options), context)), TALKS.get(kind)
    tried = await visitor.tries(talk) if talk else ()
    upgrades = await visitor.upgrades() if kind in QUERIES else ()
    tries = _told(topology, tried) if talk else ()
    if kind == "sse":
        opened, status, trouble = await visitor.listens()
        tries = (SocketTry("browser", opened, status=status, trouble=trouble),)
    _demand_answers(tries, upgrades)
    return Sockets(
        kind=kind,
        tries=tries,
        upgrades=upgrades,
        offers_upgrade=any(one.opened and one.opened.offers_upgrade for one in tried),
        preflight=await visitor.preflight(talk, tried) if isinstance(talk, SocketIo) else None,
        ends=await visitor.ends() if _held(topology, options) else (),
    )


def _demand_answers(tries: Sequence[SocketTry], upgrades: Sequence[Upgrade]) -> None:
    """Make sure that somebody answered.

    Raises:
        Unavailable: nobody did.
    """
    everything: tuple[SocketTry | Upgrade, ...] = (*tries, *upgrades)
    if not any(one.status for one in everything):
        troubles = (one.trouble for one in everything if one.trouble)
        raise Unavailable(next(troubles, "there was not enough time for the connections"))


def _told(topology: Topology, tried: Sequence[Tried]) -> tuple[SocketTry, ...]:
    """From records to evidence."""
    answers = [answer for one in tried for answer in one.answers]
    roles = roles_of((setting for answer in answers for setting in answer.settings), topology)
    namer = Namer(topology, roles, answers)
    return tuple(_try(one, namer) for one in tried)


def _try(one: Tried, namer: Namer) -> SocketTry:
    refused = next((answer for answer, state in one.later if answer and state == "lost"), None)
    return SocketTry(
        client=one.client,
        opened=one.opened is not None,
        has_id=bool(one.opened and one.opened.id),
        status=one.opening.response.status if one.opening else 0,
        node=_node(one.opening, namer),
        later=tuple(
            SocketAnswer(state, answer.response.status if answer else 0, _node(answer, namer))
            for answer, state in one.later
        ),
        said=said_by(refused.response) if refused else "",
        trouble=one.trouble,
    )


def _node(answer: Answer | None, namer: Namer) -> str:
    return namer.name(answer)[0] if answer else ""
