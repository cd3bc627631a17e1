"""Shops on loopback whose sessions are counted up and made larger, their faults as arguments; and a probe's run."""

from __future__ import annotations

import asyncio
import secrets
from collections import Counter
from collections.abc import Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs

from sessiondoctor.context import Context, Options
from sessiondoctor.probes.contract import Probe
from sessiondoctor.redact import Redactor
from sessiondoctor.topology.model import Node, Site, Topology
from sessiondoctor.topology.steps import Extract, Flow, Increment, Step
from sessiondoctor.wire.client import Wire
from sessiondoctor.wire.message import Limits
from sessiondoctor.wire.pace import Pace
from tests.fakes.cluster import Call, Reply, _bytes, _call

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Iterator

INCREMENT = Increment("/count", "POST", value=Extract(json="/count"))
LOGIN = (Step("/login", "POST", form={"user": "{marker}"}),)
WRITE = (Step("/cart", "POST", form={"item": "{marker}"}),)
READ = (Step("/cart", expect="{marker}"),)
GROW = (Step("/blob", "POST", form={"size": "{bytes}"}),)

Session = dict[str, Any]


@dataclass(slots=True)
class Racer:
    """A node: POST /count adds one to a counter, with some work between reading and writing; /cart and /blob.

    Attributes:
        sessions: by id; nodes that share them are given the same.
        works_s: seconds between reading and writing.
        locks: a session is locked from a request's begin to its end; locks are shared like sessions.
        one_at_a_time: no matter of which session.
        lags: reads answer what was written that many writes ago.
        needs_login: a session begins with POST /login.
        limit: bytes that a session may have.
        beyond: what happens to a session beyond: refused, gone, or `cookie`: it is all in a cookie.
        status: of each increment, where it is not 200; 0 closes the connection instead.
        answer: what an increment answers; the counter stands for {}.
    """

    name: str
    sessions: dict[str, Session] = field(default_factory=dict)
    locked: dict[str, asyncio.Lock] = field(default_factory=dict)
    works_s: float = 0.01
    locks: bool = False
    one_at_a_time: bool = False
    needs_login: bool = False
    limit: int = 10**9
    beyond: str = "gone"
    status: int = 200
    answer: str = '{{"count": {}}}'
    turn: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def __call__(self, call: Call) -> Reply:
        """Answer."""
        if self.one_at_a_time:
            async with self.turn:
                return await self._answer(call)
        return await self._answer(call)

    async def _answer(self, call: Call) -> Reply:
        path = call.path.partition("?")[0]
        if call.method == "GET" and path == "/":
            return Reply(body="<h1>Shop</h1>")
        sid = call.cookies.get("PHPSESSID", "")
        known = sid in self.sessions
        if self.needs_login and not known and path != "/login":
            return Reply(403, "log in first")
        if not known and call.method == "POST":
            sid = secrets.token_hex(13)
            self.sessions[sid] = {}
        reply = await self._page(path, call, sid)
        new = call.method == "POST" and not known and sid in self.sessions
        return reply.with_headers(("Set-Cookie", f"PHPSESSID={sid}; Path=/")) if new else reply

    async def _page(self, path: str, call: Call, sid: str) -> Reply:
        fields = parse_qs(call.body)
        if path == "/count":
            return await self._count(sid)
        if path == "/blob":
            return self._grow(sid, int(fields["size"][0]))
        if path == "/cart" and call.method == "GET":
            return Reply(body=str(self.sessions.get(sid, {}).get("item", "")))
        if path == "/cart":
            self.sessions[sid]["item"] = fields["item"][0]
        return Reply(body="done")

    async def _count(self, sid: str) -> Reply:
        if self.status != 200:
            return Reply(self.status, "no")
        if not self.locks:
            return await self._increment(sid)
        async with self.locked.setdefault(sid, asyncio.Lock()):
            return await self._increment(sid)

    async def _increment(self, sid: str) -> Reply:
        count = int(self.sessions[sid].get("count", 0)) + 1
        await asyncio.sleep(self.works_s)
        self.sessions[sid]["count"] = count
        return Reply(body=self.answer.format(count))

    def _grow(self, sid: str, size: int) -> Reply:
        if size <= self.limit:
            return Reply(body="stored")
        if self.beyond == "gone":
            del self.sessions[sid]
            return Reply(body="stored")
        if self.beyond == "cookie":
            return Reply(body="stored", headers=(("Set-Cookie", f"blob={'x' * size}; Path=/"),))
        return Reply(int(self.beyond), "too large")


def racers(count: int = 2, **settings: Any) -> list[Racer]:
    """Nodes app1, app2 ... that share their sessions."""
    sessions: dict[str, Session] = {}
    locked: dict[str, asyncio.Lock] = {}
    return [Racer(f"app{number}", sessions, locked, **settings) for number in range(1, count + 1)]


App = Callable[[Call], "Awaitable[Reply]"]


def in_turns(nodes: list[Racer]) -> App:
    """A balancer that sends each request to the next node."""
    numbers = iter(range(10**6))

    async def balance(call: Call) -> Reply:
        return await nodes[next(numbers) % len(nodes)](call)

    return balance


@dataclass(slots=True)
class Run:
    """A probe's run: what is at the entry, on the nodes, and what the topology says; `asked` counts requests."""

    entry: App
    nodes: list[Racer]
    flow: Flow
    site: dict[str, Any] = field(default_factory=dict)
    options: Options = field(default_factory=Options)
    asked: Counter[str] = field(default_factory=Counter)

    def of(self, plan: Callable[..., Iterator[Any]], ask: Callable[[Context], Awaitable[Any]] | None = None) -> Any:
        """The evidence; `ask` takes the place of the planned question."""
        return asyncio.run(self._run(plan, ask))

    async def _run(self, plan: Callable[..., Iterator[Any]], ask: Callable[[Context], Awaitable[Any]] | None) -> Any:
        async with AsyncExitStack() as stack:
            front = await stack.enter_async_context(_served("site", self.entry, self.asked))
            nodes = []
            for racer in self.nodes:
                url = await stack.enter_async_context(_served(racer.name, racer, self.asked))
                nodes.append(Node(racer.name, url=url))
            topology = Topology(Site(front, flow=self.flow, **self.site), nodes=tuple(nodes))
            probe = next(entry for entry in plan(topology, self.options) if isinstance(entry, Probe))
            wire = await stack.enter_async_context(
                Wire(limits=Limits(connect_s=2.0, total_s=2.0), pace=Pace(0, at_once=2))
            )
            evidence = await (ask or probe.ask)(Context(topology, self.options, wire, Redactor(), _nothing))
        self._check(probe, {"site": front} | {node.name: node.url for node in nodes}, evidence)
        return evidence

    def _check(self, probe: Probe, urls: dict[str, str], evidence: object) -> None:
        """What holds for every run: no request more than planned, no session id in the evidence."""
        for name, url in urls.items():
            assert self.asked[name] <= probe.contacts.get(url.split("/")[2], 0), (name, self.asked, probe.contacts)
        assert not [sid for racer in self.nodes for sid in racer.sessions if sid in repr(evidence)]


def _served(name: str, app: App, asked: Counter[str]) -> Any:
    """A server whose answers may take their time; its URL."""
    from contextlib import asynccontextmanager

    async def visit(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            head = await reader.readuntil(b"\r\n\r\n")
            length = next(
                (line[15:] for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")), b"0"
            )
            asked[name] += 1
            reply = await app(_call(head + await reader.readexactly(int(length))))
            if reply.status:
                writer.write(_bytes(reply))
                await writer.drain()
        except (OSError, asyncio.IncompleteReadError):  # the client has gone
            pass
        finally:
            writer.close()

    @asynccontextmanager
    async def serving() -> AsyncIterator[str]:
        server = await asyncio.start_server(visit, "127.0.0.1", 0)
        try:
            yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/"
        finally:
            server.close()
            await asyncio.sleep(0.01)

    return serving()


async def _nothing(_: type[Any]) -> Any:
    raise AssertionError("these probes need no other evidence")
