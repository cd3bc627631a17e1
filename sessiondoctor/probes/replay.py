"""The replay matrix: nodes asked directly, sessions of one shown to the others."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from sessiondoctor.evidence.replay import Cell, CellState, IdFate, NodeVisit, Replay
from sessiondoctor.formats.jar import Jar, RawJar
from sessiondoctor.probes.client import Client, Target, Turn
from sessiondoctor.probes.contract import Absent, Context, Options, Probe
from sessiondoctor.probes.seen import Reader
from sessiondoctor.probes.visits import read_state
from sessiondoctor.topology.model import Node
from sessiondoctor.wire.client import Trust

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sessiondoctor.evidence.cookie import Cookie
    from sessiondoctor.topology.model import Topology

_MOST_PAIRS = 36
_SERVER_ERROR = 500
_PROTO = "X-Forwarded-Proto"
_ByScheme = tuple[tuple[str, ...] | None, tuple[str, ...] | None]
_VERSIONS = ("server", "x-powered-by", "x-version", "x-app-version", "x-aspnet-version", "x-runtime-version")


def plan(topology: Topology, options: Options) -> Iterator[Probe | Absent]:
    """One probe over the nodes of the largest service."""
    nodes = asked(topology)
    if not nodes:
        hint = "add nodes with a url, so that each can be asked directly"
        yield Absent(Replay, "site", "no node can be asked directly", hint)
        return
    flow = topology.site.flow
    once = len(flow.login) + max(len(flow.write), 1) + 4 * max(len(flow.read), 1)
    each = (2 * len(pairs(nodes)) * once * (Target("http://x/").hops + 1)) // 1
    yield Probe(
        evidence=Replay,
        subject="site",
        describe=f"a session of each of {len(nodes)} nodes shown to the others",
        contacts={target(node).authority: each for node in nodes},
        ask=_ask,
        timeout_s=options.deadline_s,
    )


def asked(topology: Topology) -> tuple[Node, ...]:
    """The nodes of the service that most nodes belong to, those with a url."""
    nodes = [node for node in topology.nodes if node.url]
    services = [node.service for node in nodes]
    largest = max(dict.fromkeys(services), key=services.count, default="")
    return tuple(node for node in nodes if node.service == largest)


def target(node: Node) -> Target:
    """A node as a target."""
    return Target(node.url, tuple(node.headers.items()), Trust(ca=node.ca) if node.ca else Trust())


def pairs(nodes: tuple[Node, ...]) -> tuple[tuple[Node, Node], ...]:
    """All ordered pairs, or for many nodes each with itself and its next neighbours."""
    if len(nodes) ** 2 <= _MOST_PAIRS:
        return tuple((made, read) for made in nodes for read in nodes)
    steps = range(max(2, _MOST_PAIRS // len(nodes)))
    return tuple((node, nodes[(n + step) % len(nodes)]) for n, node in enumerate(nodes) for step in steps)


async def _ask(ctx: Context) -> Replay:
    return await _Matrix(ctx, Reader(ctx.topology, ctx.vault), asked(ctx.topology)).replay()


@dataclass(frozen=True, slots=True)
class _Matrix:
    """One run of the matrix."""

    ctx: Context
    reader: Reader
    nodes: tuple[Node, ...]

    @property
    def flow(self) -> bool:
        flow = self.ctx.topology.site.flow
        return bool(flow.write and flow.read)

    async def replay(self) -> Replay:
        visits = await asyncio.gather(*(self._visit(node) for node in self.nodes))
        answering = {visit.node for visit in visits if not visit.refused and not visit.trouble}
        cells = await asyncio.gather(*(self._cell(i, j, answering) for i, j in pairs(self.nodes)))
        cells = await asyncio.gather(*(self._again(cell, answering) for cell in cells))
        return Replay(tuple(node.name for node in self.nodes), tuple(visits), tuple(cells), self.flow, rounds=2)

    async def _visit(self, node: Node) -> NodeVisit:
        _, turn = await self._made(node)
        if turn.response is None:
            return NodeVisit(node.name, refused=turn.refused, trouble="" if turn.refused else turn.trouble)
        cookies = self.reader.first_of_each(turn.settings, node.url)
        session = next((cookie.token for cookie in cookies if cookie.role == "session"), "")
        headers = {k.lower(): v[:200] for k, v in turn.response.headers if k.lower() in _VERSIONS}
        http, https = await self._by_scheme(node, cookies)
        status = turn.response.status
        return NodeVisit(
            node.name,
            status,
            headers=headers,
            cookies=cookies,
            session=session,
            header_bytes=sum(len(name) + len(value) + 4 for name, value in turn.response.headers),
            cookies_if_http=http,
            cookies_if_https=https,
        )

    async def _by_scheme(self, node: Node, cookies: tuple[Cookie, ...]) -> _ByScheme:
        """The cookies set on what the node takes for http, and for https; asked where that can matter."""
        own, seen = tuple(cookie.name for cookie in cookies), any(cookie.role == "session" for cookie in cookies)
        if seen and not self.ctx.topology.site.url.startswith("https://"):
            return None, None
        headers = tuple((name, value) for name, value in node.headers.items() if name.lower() != _PROTO.lower())
        if len(headers) < len(node.headers):
            return await self._names(node, headers), own
        return own, await self._names(node, (*headers, (_PROTO, "https")))

    async def _names(self, node: Node, headers: tuple[tuple[str, str], ...]) -> tuple[str, ...]:
        _, turn = await self._made(node, headers)
        return tuple(cookie.name for cookie in self.reader.first_of_each(turn.settings, node.url))

    async def _made(self, node: Node, headers: tuple[tuple[str, str], ...] | None = None) -> tuple[Client, Turn]:
        flow, to = self.ctx.topology.site.flow, target(node)
        client = Client(self.ctx.wire, to if headers is None else replace(to, headers=headers), RawJar())
        return client, await client.steps((*flow.login, *flow.write))

    async def _read(self, client: Client, node: Node) -> tuple[CellState, Turn]:
        turn = await client.at(target(node)).steps(self.ctx.topology.site.flow.read)
        if turn.response is None or turn.response.status >= _SERVER_ERROR:
            return "error", turn
        return read_state(turn, self.flow), turn

    async def _cell(self, created_on: Node, read_on: Node, answering: set[str]) -> Cell:
        cell = Cell(created_on.name, read_on.name, "error", trouble="the node does not answer", seen=("error",))
        if not {created_on.name, read_on.name} <= answering:
            return cell
        client, made = await self._made(created_on)
        if made.trouble:
            return replace(cell, status=made.response.status if made.response else 0, trouble=made.trouble)
        original, before = client.jar.copy(), self._held(client, made)
        state, turn = await self._read(client, read_on)
        fate = self._fate(before, self._held(client, turn), turn)
        if not self.flow:
            state = "lost" if fate == "renewed" and created_on != read_on else state
        status = turn.response.status if turn.response else 0
        cell = Cell(created_on.name, read_on.name, state, fate, status=status, trouble=turn.trouble, seen=(state,))
        return await self._returned(cell, client, original, created_on) if state in {"lost", "error"} else cell

    async def _returned(self, cell: Cell, client: Client, original: Jar, created_on: Node) -> Cell:
        """A lost session, back on the node that made it: with the newest cookies, and with the original ones."""
        newest, _ = await self._read(client, created_on)
        client.jar = original
        back, _ = await self._read(client, created_on)
        return replace(cell, back=back, back_newest=newest)

    async def _again(self, cell: Cell, answering: set[str]) -> Cell:
        """What was lost is tried once more with a new session: differing rounds are a race or a lag."""
        if cell.state not in {"lost", "error"} or not {cell.created_on, cell.read_on} <= answering:
            return cell
        by_name = {node.name: node for node in self.nodes}
        second = await self._cell(by_name[cell.created_on], by_name[cell.read_on], answering)
        return replace(cell, seen=(*cell.seen, second.state))

    def _held(self, client: Client, turn: Turn) -> tuple[str, str]:
        """Token and route of the session cookie that this turn set."""
        for setting in reversed(turn.settings):
            cookie = self.reader.cookie(setting, setting.url)
            if cookie and cookie.role == "session":
                gone = cookie.name not in {held.name for held in client.jar.all()}
                return ("gone" if gone else cookie.token), cookie.route
        return "", ""

    @staticmethod
    def _fate(before: tuple[str, str], after: tuple[str, str], turn: Turn) -> IdFate:
        if turn.response is None or not before[0]:
            return "unknown"
        if not after[0]:
            return "same"
        if after[0] == "gone":
            return "dropped"
        if after[0] != before[0]:
            return "renewed"
        return "rewritten" if after[1] != before[1] else "same"
