"""A small site on loopback with a login and a form, its faults as arguments, and the run of a probe against it."""

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
from sessiondoctor.topology.steps import Extract, Flow, Step
from sessiondoctor.wire.client import Wire
from sessiondoctor.wire.message import Limits
from sessiondoctor.wire.pace import Pace
from tests.fakes.cluster import Call, Reply, _bytes, _call
from tests.fakes.serving import CLOSE, serve

if TYPE_CHECKING:
    from collections.abc import Awaitable, Iterator

PASSWORD = "canary-password-7"
CSRF = {"csrf": Extract(css="input[name=csrf]")}
LOGIN = (
    Step("/login", extract=CSRF),
    Step("/login", "POST", form={"user": "alice", "password": PASSWORD, "csrf": "{csrf}"}),
)
LOGGED_IN = (Step("/account", expect="Sign out"),)
WRITE = (Step("/note", "POST", form={"text": "{marker}"}),)
READ = (Step("/note", expect="{marker}"),)
FORM = (Step("/pay", extract=CSRF), Step("/pay", "POST", form={"csrf": "{csrf}"}, expect="paid"))
NODE = Extract(header="X-Node")
NEVER = 10**6

Session = dict[str, str]


@dataclass(slots=True)
class Club:
    """A node: /login, /account, /note and /pay.

    Attributes:
        sessions: by id; nodes that share them are given the same.
        rotates: a login moves the session to a new id.
        deaf_for: so many times it does not know an id that another node's login made.
        token_in: where a form's token is kept: in the session, in this node's memory, or nowhere: it is always one.
        headers: of each page with a form.
        status: of each answer, where it is not what it should be; 0 closes the connection instead.
        logs_in: a login makes the session a logged-in one.
        most: sessions that an account may have; a further login ends the oldest one.
        secrets: every id and token that it ever made.
    """

    name: str
    sessions: dict[str, Session] = field(default_factory=dict)
    rotates: bool = True
    deaf_for: int = 0
    token_in: str = "session"
    headers: tuple[tuple[str, str], ...] = ()
    status: int = 200
    password: str = PASSWORD
    logs_in: bool = True
    most: int = NEVER
    memory: dict[str, str] = field(default_factory=dict)
    heard: Counter[str] = field(default_factory=Counter)
    secrets: set[str] = field(default_factory=set)

    def __call__(self, call: Call) -> Reply:
        """Answer."""
        if self.status != 200:
            return Reply(self.status, "no")
        path = call.path.partition("?")[0].strip("/") or "home"
        answer = getattr(self, f"_{path}", None)
        reply: Reply = answer(call) if answer else Reply(404, "not found")
        return reply.with_headers(("X-Node", self.name), ("Content-Type", "text/html"))

    def _home(self, _: Call) -> Reply:
        return Reply(body="<h1>Club</h1>")

    def _login(self, call: Call) -> Reply:
        if call.method == "GET":
            return self._form(call)
        fields, sid = parse_qs(call.body), self._known(call)
        if not sid or fields.get("csrf") != [self._token(sid)] or fields.get("password") != [self.password]:
            return Reply(403, "wrong")
        session = self.sessions[sid]
        if self.logs_in:
            session["user"] = fields["user"][0]
        self._end_the_oldest(session.get("user", ""))
        reply = Reply(303, headers=(("Location", "/account"),))
        return self._under_a_new_id(reply, sid, session) if self.rotates else reply

    def _end_the_oldest(self, user: str) -> None:
        """Of the account's sessions, which stand in the order of their logins."""
        own = [sid for sid, session in self.sessions.items() if user and session.get("user") == user]
        for sid in own[: max(0, len(own) - self.most)]:
            del self.sessions[sid]

    def _under_a_new_id(self, reply: Reply, sid: str, session: Session) -> Reply:
        new = self._new_id()
        self.sessions[new] = {**session, "rotated_by": self.name}
        if self.token_in == "session":
            del self.sessions[sid]
        return self._with_cookie(reply, new)

    def _account(self, call: Call) -> Reply:
        user = self.sessions.get(self._known(call), {}).get("user")
        return Reply(body="Sign out") if user else Reply(303, headers=(("Location", "/login"),))

    def _note(self, call: Call) -> Reply:
        sid = self._known(call)
        if call.method == "GET":
            return Reply(body=self.sessions.get(sid, {}).get("note", "nothing"))
        note, reply = parse_qs(call.body)["text"][0], Reply(body="noted")
        if sid:
            self.sessions[sid]["note"] = note
            return reply
        return self._begun(reply, note=note)

    def _pay(self, call: Call) -> Reply:
        if call.method == "GET":
            return self._form(call)
        sid = self._known(call)
        accepted = sid and parse_qs(call.body).get("csrf") == [self._token(sid)]
        return Reply(body="paid") if accepted else Reply(403, "CSRF")

    def _form(self, call: Call) -> Reply:
        sid, reply = self._known(call), Reply()
        if not sid:
            reply = self._begun(reply)
            sid = next(reversed(self.sessions))
        token = self._token(sid) or self._new_token(sid)
        body = f'<form><input type="hidden" name="csrf" value="{token}"></form>'
        return Reply(200, body, reply.headers).with_headers(*self.headers)

    def _token(self, sid: str) -> str:
        if self.token_in == "nowhere":
            return "the-same-token-for-everybody-1"
        return (self.memory if self.token_in == "node" else self.sessions[sid]).get(self._slot(sid), "")

    def _new_token(self, sid: str) -> str:
        token = secrets.token_hex(16)
        self.secrets.add(token)
        (self.memory if self.token_in == "node" else self.sessions[sid])[self._slot(sid)] = token
        return token

    def _slot(self, sid: str) -> str:
        return sid if self.token_in == "node" else "csrf"

    def _known(self, call: Call) -> str:
        sid = call.cookies.get("PHPSESSID", "")
        if sid not in self.sessions:
            return ""
        if self.sessions[sid].get("rotated_by", self.name) != self.name and self.heard[sid] < self.deaf_for:
            self.heard[sid] += 1
            return ""
        return sid

    def _begun(self, reply: Reply, **session: str) -> Reply:
        sid = self._new_id()
        self.sessions[sid] = session
        return self._with_cookie(reply, sid)

    def _new_id(self) -> str:
        sid = secrets.token_hex(13)
        self.secrets.add(sid)
        return sid

    def _with_cookie(self, reply: Reply, sid: str) -> Reply:
        return reply.with_headers(("Set-Cookie", f"PHPSESSID={sid}; Path=/; HttpOnly"))


def clubs(count: int = 2, **settings: Any) -> list[Club]:
    """Nodes app1, app2 ... that share their sessions."""
    sessions: dict[str, Session] = {}
    return [Club(f"app{number}", sessions, **settings) for number in range(1, count + 1)]


def apart(count: int = 2, **settings: Any) -> list[Club]:
    """Nodes with sessions of their own."""
    return [Club(f"app{number}", **settings) for number in range(1, count + 1)]


def in_turns(nodes: list[Club]) -> Callable[[Call], Reply]:
    """A balancer that sends each request to the next node."""
    return _Turns(nodes)


@dataclass(slots=True)
class _Turns:
    nodes: list[Club]
    turn: int = 0

    def __call__(self, call: Call) -> Reply:
        self.turn += 1
        return self.nodes[(self.turn - 1) % len(self.nodes)](call)


@dataclass(slots=True)
class Visit:
    """A probe's run: what is at the entry, on the nodes, and what the topology says.

    Attributes:
        asked: requests by name of what was asked, `site` for the entry.
    """

    entry: Callable[[Call], Reply]
    nodes: list[Club]
    flow: Flow
    site: dict[str, Any] = field(default_factory=dict)
    node: dict[str, Any] = field(default_factory=dict)
    dead: frozenset[str] = frozenset()
    asked: Counter[str] = field(default_factory=Counter)
    calls: list[tuple[str, Call]] = field(default_factory=list)
    redactor: Redactor = field(default_factory=Redactor)

    def run(self, plan: Callable[..., Iterator[Any]], ask: Callable[[Context], Awaitable[Any]] | None = None) -> Any:
        """The evidence; `ask` takes the place of the planned question."""
        return asyncio.run(self._run(plan, ask))

    async def _run(self, plan: Callable[..., Iterator[Any]], ask: Callable[[Context], Awaitable[Any]] | None) -> Any:
        options = Options()
        async with AsyncExitStack() as stack:
            front = await stack.enter_async_context(serve(self._answers("site", self.entry)))
            urls = {"site": front.url}
            for club in self.nodes:
                server = await stack.enter_async_context(serve(self._answers(club.name, club)))
                urls[club.name] = "http://127.0.0.1:1/" if club.name in self.dead else server.url
            nodes = tuple(Node(club.name, url=urls[club.name], **self.node) for club in self.nodes)
            topology = Topology(Site(front.url, flow=self.flow, **self.site), nodes=nodes)
            (probe,) = plan(topology, options)
            assert isinstance(probe, Probe)
            pace = Pace(0, at_once=2)
            wire = await stack.enter_async_context(Wire(limits=Limits(connect_s=2.0, total_s=2.0), pace=pace))
            evidence = await (ask or probe.ask)(Context(topology, options, wire, self.redactor, _nothing))
        self._check(probe, urls, evidence)
        return evidence

    def _answers(self, name: str, app: Callable[[Call], Reply]) -> Callable[[bytes], bytes]:
        def answer(raw: bytes) -> bytes:
            call = _call(raw)
            self.asked[name] += 1
            self.calls.append((name, call))
            reply = app(call)
            return _bytes(reply) if reply.status else CLOSE

        return answer

    def _check(self, probe: Probe, urls: dict[str, str], evidence: object) -> None:
        """What holds for every run: no request more than planned, no secret in the evidence, each in the redactor."""
        for name, url in urls.items():
            assert self.asked[name] <= probe.contacts.get(url.split("/")[2], 0), (name, self.asked, probe.contacts)
        seen = {value for _, call in self.calls for value in call.cookies.values() if value}
        made = {secret for club in self.nodes for secret in club.secrets} | {PASSWORD}
        assert not [value for value in made | seen if value in repr(evidence)]
        assert not [value for value in seen if value in self.redactor.scrub(value)]


async def _nothing(_: type[Any]) -> Any:
    raise AssertionError("these probes need no other evidence")
