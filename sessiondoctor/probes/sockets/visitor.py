"""Clients of an endpoint that holds connections: how they open them, use them, and wait for their end."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from sessiondoctor.context import Context
from sessiondoctor.errors import Unavailable
from sessiondoctor.evidence.sockets.sockets import ConnectionState, SocketClient, Upgrade
from sessiondoctor.formats.jar import Jar
from sessiondoctor.probes.browser.results import Answer
from sessiondoctor.probes.flows.visitors import Callers
from sessiondoctor.probes.nodes.replay import asked
from sessiondoctor.probes.sockets.handshake import QUERIES, SWITCHED, Handshake, last
from sessiondoctor.probes.sockets.protocols import Opened
from sessiondoctor.wire.address import below
from sessiondoctor.wire.message import Request

if TYPE_CHECKING:
    from sessiondoctor.evidence.sockets.sockets import SocketEnd
    from sessiondoctor.probes.browser.client import Client
    from sessiondoctor.probes.sockets.protocols import SocketIo, Talk
    from sessiondoctor.topology.model import Node
    from sessiondoctor.topology.steps import Socket
    from sessiondoctor.wire.message import Headers, Response

BROWSERS = 4
BARE = 3
PREFLIGHTS = 3
HELD = 2
_APART_S = 1.0  # between the openings of held connections: an event ends them at one time, a limit at one age
_LONGEST_HOLD_S = 900.0
_MARGIN_S = 3.0  # between the end of waiting and that of the scan
_SAID = 120  # characters of a refusal
_NO_SITE = "the site does not answer"
_EVENTS: Headers = (("Accept", "text/event-stream"),)


@dataclass(frozen=True, slots=True)
class Tried:
    """One connection, as recorded: the opening and the later requests, each with what its node knew."""

    client: SocketClient
    opening: Answer | None = None
    opened: Opened | None = None
    later: tuple[tuple[Answer | None, ConnectionState], ...] = ()
    trouble: str = ""

    @property
    def answers(self) -> tuple[Answer, ...]:
        """All responses."""
        return tuple(answer for answer in (self.opening, *(one for one, _ in self.later)) if answer)


@dataclass(frozen=True, slots=True)
class Visitor:
    """Makes connections.

    Attributes:
        socket: the declared endpoint.
    """

    context: Context
    callers: Callers = field(repr=False)

    @property
    def socket(self) -> Socket:
        """The declared endpoint."""
        return self.context.topology.site.flow.websocket

    async def tries(self, talk: Talk) -> tuple[Tried, ...]:
        """Connections of browsers and of clients without cookies.

        The first of each is alone: under a balancer that takes turns its requests meet one node after another. Clients
        at once may keep step with the turns; they are there for balancers that choose at random.
        """
        browsers = [await self._browses(talk)]
        browsers += await asyncio.gather(*(self._browses(talk) for _ in range(BROWSERS - 1)))
        bare = [await self._talks(talk, "bare", self._bare())]
        bare += await asyncio.gather(*(self._talks(talk, "bare", self._bare()) for _ in range(BARE - 1)))
        return (*browsers, *bare)

    async def preflight(self, talk: SocketIo, tries: tuple[Tried, ...]) -> ConnectionState | None:
        """What a node says to OPTIONS with the id of a connection; None if nobody was given one."""
        client = self._bare()
        ids = [opened for tried in tries if tried.client == "bare" and (opened := tried.opened)][:1]
        asks = [talk.preflight(self._url(client), opened, client.target.origin) for opened in ids * PREFLIGHTS]
        said = [await self._later(talk, self._bare(), ask) for ask in asks]
        states = [state for _, state in said]
        return "lost" if "lost" in states else next(iter(states), None)

    async def upgrades(self) -> tuple[Upgrade, ...]:
        """Handshakes through the site, as a browser and as a bare client, and on each node."""
        browser = await self._landed()
        clients = [("site", client) for client in (browser, self._bare()) if client]
        clients += [(node.name, self._at(node)) for node in asked(self.context.topology)]
        return tuple([await self._upgrade(place, client) for place, client in clients])

    async def listens(self) -> tuple[bool, int, str]:
        """Whether a stream of events is opened, the status, and why there was none."""
        client = await self._landed()
        if client is None:
            return False, 0, _NO_SITE
        try:
            async with self.context.wire.connection(trust=client.target.trust) as connection:
                held = await self.context.wire.hold(self._asking(client), connection)
        except Unavailable as error:
            return False, 0, error.reason
        kind = held.response.header("content-type").lower()
        return held.response.status == 200 and "event-stream" in kind, held.response.status, ""

    async def ends(self) -> tuple[SocketEnd, ...]:
        """How long connections last on which nothing is said."""
        found = await asyncio.gather(*(self._hold(number * _APART_S) for number in range(HELD)))
        return tuple(end for end in found if end)

    async def _hold(self, after_s: float) -> SocketEnd | None:
        await asyncio.sleep(after_s)
        client = await self._landed()
        seconds = min(_LONGEST_HOLD_S, self.context.ends - asyncio.get_running_loop().time() - _MARGIN_S)
        if client is None or seconds <= 0:
            return None
        try:
            async with self.context.wire.connection(trust=client.target.trust) as connection:
                held = await self.context.wire.hold(self._asking(client), connection)
                open_ = is_open(held.response, self.socket)
                return await last(held, self.socket.spoken, seconds) if open_ else None
        except Unavailable:
            return None

    def _asking(self, client: Client) -> Request:
        """The request that opens a connection to be held, with the client's cookies."""
        if client.budget:
            client.budget.take()
        return asking(client, self.socket)

    async def _browses(self, talk: Talk) -> Tried:
        client = await self._landed()
        return (
            await self._talks(talk, "browser", client)
            if client
            else Tried("browser", trouble="the site does not answer")
        )

    async def _talks(self, talk: Talk, kind: SocketClient, client: Client) -> Tried:
        url = self._url(client)
        try:
            opening = (await client.fetch(talk.opening(url)))[-1]
        except Unavailable as error:
            return Tried(kind, trouble=error.reason)
        opened = talk.opened(opening.response)
        if opened is None:
            return Tried(kind, opening, trouble=f"it answered {opening.response.status} to the opening")
        self.context.redactor.hide(opened.id)
        later = []
        for request in talk.later(url, opened):
            client = self._bare() if kind == "bare" else client  # one that kept no cookie of the response before
            later.append(await self._later(talk, client, request))
            if later[-1][1] != "known":
                break  # a poll that was not joined would wait for its first word
        if closing := talk.closing(url, opened):
            await self._later(talk, client, closing)
        return Tried(kind, opening, opened, tuple(later))

    async def _later(self, talk: Talk, client: Client, request: Request) -> tuple[Answer | None, ConnectionState]:
        try:
            answer = (await client.fetch(request))[-1]
        except Unavailable:
            return None, "unknown"
        return answer, talk.knows(answer.response)

    async def _upgrade(self, place: str, client: Client) -> Upgrade:
        handshake = Handshake(f"{self._url(client)}{QUERIES[self.socket.spoken]}", client.target.origin)
        try:
            response = (await client.fetch(handshake.request))[-1].response
        except Unavailable as error:
            return Upgrade(place, 0, trouble=error.reason)
        return Upgrade(place, response.status, handshake.is_accepted(response), said_by(response))

    async def _landed(self) -> Client | None:
        """A new client that has opened the site, and follows no more redirects."""
        try:
            client, turn = await self.callers.landed()
        except Unavailable:
            return None
        return self._straight(client) if turn.response else None

    def _bare(self) -> Client:
        return self.callers.passing()

    def _at(self, node: Node) -> Client:
        client = self.callers.at_node(node)
        return self._straight(client).with_jar(Jar())

    def _straight(self, client: Client) -> Client:
        return client.at(replace(client.target, redirects=0), budget=client.budget)

    def _url(self, client: Client) -> str:
        return below(client.target.url, self.socket.path)


def asking(client: Client, socket: Socket) -> Request:
    """The request that opens a connection to be held, with the client's cookies."""
    url = below(client.target.url, socket.path)
    if socket.spoken == "sse":
        request = Request(url, headers=_EVENTS)
    else:
        request = Handshake(f"{url}{QUERIES[socket.spoken]}", client.target.origin).request
    return client.dressed(request)


def is_open(response: Response, socket: Socket) -> bool:
    """Whether the server keeps a connection open that `asking` asked for."""
    return response.status == (200 if socket.spoken == "sse" else SWITCHED)


def said_by(response: Response) -> str:
    """The first words of a refusal."""
    return "" if response.status == SWITCHED else " ".join(response.text[: 4 * _SAID].split())[:_SAID]
