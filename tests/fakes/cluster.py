"""A small cluster on loopback: nodes that keep sessions, a balancer function in front of them, faults as arguments."""

from __future__ import annotations

import asyncio
import secrets
from collections import Counter
from collections.abc import Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs

from sessiondoctor.context import Context, Options
from sessiondoctor.evidence.entry.visits import Exchange, Visits
from sessiondoctor.evidence.flows.rehearsal import Rehearsal
from sessiondoctor.probes.contract import Probe
from sessiondoctor.probes.entry import visits
from sessiondoctor.probes.nodes import replay
from sessiondoctor.redact import Redactor
from sessiondoctor.topology.model import Node, Site, Topology
from sessiondoctor.topology.steps import Extract, Flow, Step
from sessiondoctor.wire.client import Wire
from sessiondoctor.wire.message import Limits
from sessiondoctor.wire.pace import Pace
from tests.fakes.serving import serve

if TYPE_CHECKING:
    from types import ModuleType

    from sessiondoctor.evidence.nodes.replay import Replay

WRITE = Step("/cart", "POST", form={"item": "{marker}"})
READ = Step("/cart", expect="{marker}")
FLOW = Flow(write=(WRITE,), read=(READ,), node=Extract(header="X-Node"))
UNNAMED = replace(FLOW, node=None)
"""The same without the marker of the node."""

Sessions = dict[str, list[str]]


@dataclass(frozen=True, slots=True)
class Call:
    """One request as an application sees it."""

    method: str
    path: str
    headers: dict[str, str]
    body: str

    @property
    def cookies(self) -> dict[str, str]:
        """The cookies it carries; of two with one name the first."""
        pairs = [pair.strip().partition("=") for pair in self.headers.get("cookie", "").split(";")]
        return {name: value for name, _, value in reversed(pairs)}


@dataclass(frozen=True, slots=True)
class Reply:
    """One response."""

    status: int = 200
    body: str = ""
    headers: tuple[tuple[str, str], ...] = ()

    def with_headers(self, *headers: tuple[str, str]) -> Reply:
        """The same with more headers."""
        return replace(self, headers=(*self.headers, *headers))


App = Callable[[Call], Reply]


@dataclass(slots=True)
class Shop:
    """A node: POST /cart puts an item into the session, GET /cart shows them.

    Attributes:
        sessions: by id; nodes that share them are given the same.
        route: appended to its ids, as Tomcat does.
        cookie: the session cookie's name; `attributes` follow its value.
        renews: a read with an unknown id is answered by a new session's cookie.
        drops: a read with an unknown id deletes the cookie.
        secret: what signs its ids; a cookie with another is no session.
        destroys: a read with a bad signature deletes the session from the store.
        starts: GET / makes a session, too.
        needs_https: sets its cookie only if X-Forwarded-Proto says https.
        status: of each answer but that of `/`, where it is not 200.
        writes: POST /cart works.
        prg: a write is answered by a redirect to the cart.
        headers: of each answer.
    """

    name: str
    sessions: Sessions = field(default_factory=dict)
    route: str = ""
    cookie: str = "connect.sid"
    attributes: str = "; Path=/; HttpOnly"
    secret: str = "k"
    renews: bool = False
    drops: bool = False
    destroys: bool = False
    starts: bool = False
    needs_https: bool = False
    status: int = 200
    writes: bool = True
    prg: bool = False
    headers: tuple[tuple[str, str], ...] = ()

    def __call__(self, call: Call) -> Reply:
        """Answer."""
        path = call.path.partition("?")[0]
        if path == "/":
            reply = Reply(body="<h1>Shop</h1>")
            reply = reply if not self.starts or self.known(call) else self._with_new(reply, call)
        elif self.status != 200:
            reply = Reply(self.status, "no")
        else:
            reply = self._cart(call) if path == "/cart" else Reply(404, "not found")
        return reply.with_headers(("X-Node", self.name), ("Content-Type", "text/html"), *self.headers)

    def known(self, call: Call) -> str:
        """The id of the session that the call belongs to; empty without one."""
        sid, _, signature = self._bare(call).rpartition(".")
        if signature != self._signature(sid):
            if self.destroys:
                self.sessions.pop(sid, None)
            return ""
        return sid if sid in self.sessions else ""

    def _bare(self, call: Call) -> str:
        value = call.cookies.get(self.cookie, "")
        if self.route or self.cookie == "JSESSIONID":
            sid = value.partition(".")[0]
            return f"{sid}.{self._signature(sid)}"
        return value.removeprefix("s%3A")

    def _cart(self, call: Call) -> Reply:
        sid = self.known(call)
        if call.method == "POST":
            return self._write(call, sid) if self.writes else Reply(403, "forbidden")
        items = "".join(f"<li>{item}</li>" for item in self.sessions.get(sid, ()))
        reply = Reply(body=f"<ul>{items}</ul>")
        if sid or not call.cookies.get(self.cookie):
            return reply
        if self.drops:
            return reply.with_headers(("Set-Cookie", f"{self.cookie}=; Path=/; Max-Age=0"))
        return self._with_new(reply, call) if self.renews else reply

    def _write(self, call: Call, sid: str) -> Reply:
        reply = Reply(303, headers=(("Location", "/cart"),)) if self.prg else Reply(body="added")
        item = parse_qs(call.body).get("item", [""])[0]
        if sid:
            self.sessions[sid].append(item)
            return reply
        return self._with_new(reply, call, item)

    def _with_new(self, reply: Reply, call: Call, *items: str) -> Reply:
        sid = secrets.token_hex(16).upper()
        self.sessions[sid] = list(items)
        if self.needs_https and call.headers.get("x-forwarded-proto") != "https":
            return reply
        return reply.with_headers(("Set-Cookie", f"{self.cookie}={self._value(sid)}{self.attributes}"))

    def _value(self, sid: str) -> str:
        if self.route or self.cookie == "JSESSIONID":
            return f"{sid}.{self.route}" if self.route else sid
        return f"s%3A{sid}.{self._signature(sid)}"

    def _signature(self, sid: str) -> str:
        return (self.secret + sid.lower() + "A" * 43)[:43]


@dataclass(slots=True)
class RoundRobin:
    """A balancer: each request to the next node, unless a cookie or route names one."""

    nodes: list[Shop]
    affinity: str = ""
    follows_route: bool = False
    turn: int = 0

    def __call__(self, call: Call) -> Reply:
        """Choose a node and hand its answer back."""
        chosen = self._wanted(call)
        node = chosen or self.nodes[self.turn % len(self.nodes)]
        self.turn += chosen is None
        reply = node(call)
        if self.affinity and chosen is None:
            return reply.with_headers(("Set-Cookie", f"{self.affinity}={node.name}; Path=/"))
        return reply

    def _wanted(self, call: Call) -> Shop | None:
        route = call.cookies.get("JSESSIONID", "").partition(".")[2] if self.follows_route else ""
        named = {call.cookies.get(self.affinity, ""), route} if self.affinity or route else set()
        return next((node for node in self.nodes if node.name in named), None)


@dataclass(slots=True)
class Cluster:
    """What runs, what it is told, and what was asked of it.

    Attributes:
        entry: what answers at the site.
        nodes: what answers directly; those in `dead` refuse.
        flow: of the topology.
        asked: requests by host:port.
        bound_by: the affinity cookies that earlier visits saw; None if nobody asks for visits.
        fresh: the new clients of those visits.
        known: other evidence of the scan.
        instead: what answers at the address of a node, by its name, where that is not the node alone.
    """

    entry: App
    nodes: list[Shop]
    flow: Flow = FLOW
    dead: frozenset[str] = frozenset()
    direct: bool = True
    topology: dict[str, Any] = field(default_factory=dict)
    site: dict[str, Any] = field(default_factory=dict)
    node: dict[str, Any] = field(default_factory=dict)
    asked: Counter[str] = field(default_factory=Counter)
    redactor: Redactor = field(default_factory=Redactor)
    values: set[str] = field(default_factory=set)
    urls: dict[str, str] = field(default_factory=dict)
    bound_by: tuple[str, ...] | None = None
    fresh: tuple[Exchange, ...] = ()
    known: dict[type[Any], Any] = field(default_factory=dict)
    instead: dict[str, App] = field(default_factory=dict)

    def visits(self, options: Options | None = None) -> Visits:
        """The evidence of the visits, of a cluster that runs for this call."""
        seen: Visits = asyncio.run(self._ask(visits, options or Options()))
        return seen

    def replay(self, options: Options | None = None) -> Replay:
        """The evidence of the replay, likewise."""
        seen: Replay = asyncio.run(self._ask(replay, options or Options()))
        return seen

    def evidence(self, module: ModuleType, options: Options | None = None) -> Any:
        """The evidence of any other module, likewise."""
        return asyncio.run(self._ask(module, options or Options()))

    async def _ask(self, module: ModuleType, options: Options) -> Any:
        async with AsyncExitStack() as stack:
            self.asked.clear()
            described = await self._start(stack)
            planned = next(iter(module.plan(described, options)))
            assert isinstance(planned, Probe)
            wire = await stack.enter_async_context(_wire())
            evidence = await planned.ask(Context(described, options, wire, self.redactor, self._need))
        self._check(planned, evidence)
        return evidence

    async def _need(self, kind: type[Any]) -> Any:
        if kind in self.known:
            return self.known[kind]
        if kind is Rehearsal:
            return Rehearsal(declared=True)
        assert kind is Visits, "these probes need no other evidence"
        assert self.bound_by is not None, "these probes need no other evidence"
        return Visits(self.urls["site"], 200, tls=False, affinity_cookies=self.bound_by, fresh=self.fresh)

    async def _start(self, stack: AsyncExitStack) -> Topology:
        front = await stack.enter_async_context(serve(self._answers(self.entry, "site")))
        urls = {}
        for shop in self.nodes if self.direct else []:
            server = await stack.enter_async_context(serve(self._answers(self.instead.get(shop.name, shop), shop.name)))
            urls[shop.name] = server.url if shop.name not in self.dead else "http://127.0.0.1:1/"
        self.urls = {"site": front.url, **urls}
        nodes = tuple(
            Node(shop.name, url=urls.get(shop.name, ""), route=shop.route, **self.node) for shop in self.nodes
        )
        site = Site(**{"url": front.url, "flow": self.flow, **self.site})
        return Topology(site, nodes=nodes, **self.topology)

    def _answers(self, app: App, name: str) -> Callable[[bytes], bytes]:
        def answer(raw: bytes) -> bytes:
            self.asked[name] += 1
            reply = app(_call(raw))
            self.values |= {_value(text) for key, text in reply.headers if key == "Set-Cookie"}
            return _bytes(reply)

        return answer

    def _check(self, planned: Probe, evidence: object) -> None:
        """What holds for every run: not a request more than planned, and no cookie's value in the evidence."""
        for name, url in self.urls.items():
            authority = url.split("/")[2]
            assert self.asked[name] <= planned.contacts.get(authority, 0), (name, self.asked, planned.contacts)
        text = repr(evidence)
        for value in self.values:
            for part in value.replace("s%3A", "").split("."):
                public = len(part) < 12 or part in {node.name for node in self.nodes}
                assert public or part not in text, "a session id is in the evidence"


def answering(app: App) -> Callable[[bytes], bytes]:
    """What a server does that serves this application."""
    return lambda raw: _bytes(app(_call(raw)))


def shops(count: int = 3, **settings: Any) -> list[Shop]:
    """Nodes app1, app2 ... with sessions of their own."""
    return [Shop(f"app{number}", **settings) for number in range(1, count + 1)]


def sharing(count: int = 3, **settings: Any) -> list[Shop]:
    """Nodes that share their sessions."""
    return shops(count, sessions={}, **settings)


def tomcats(count: int = 2, **settings: Any) -> list[Shop]:
    """Nodes with sessions of their own whose ids carry a route."""
    return [Shop(f"app{n}", route=f"app{n}", cookie="JSESSIONID", **settings) for n in range(1, count + 1)]


def _wire() -> Wire:
    return Wire(limits=Limits(connect_s=2.0, total_s=2.0), pace=Pace(0, at_once=2))


def _call(raw: bytes) -> Call:
    head, _, body = raw.decode("latin-1").partition("\r\n\r\n")
    first, *lines = head.split("\r\n")
    method, path, _ = first.split(" ")
    headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
    return Call(method, path, headers, body)


def _bytes(reply: Reply) -> bytes:
    body = reply.body.encode()
    lines = [f"HTTP/1.1 {reply.status} X", *(f"{k}: {v}" for k, v in reply.headers), f"Content-Length: {len(body)}"]
    return "\r\n".join([*lines, "", ""]).encode() + body


def _value(header: str) -> str:
    return header.partition("=")[2].partition(";")[0]
