"""Logging in through the public entry: what becomes of the session id, and which node knows the login afterwards."""

from __future__ import annotations

import asyncio
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from sessiondoctor.errors import Unavailable
from sessiondoctor.evidence.entry.visits import Trace
from sessiondoctor.evidence.flows.logins import Login, Logins, LoginState, Recognition
from sessiondoctor.evidence.flows.rehearsal import Rehearsal
from sessiondoctor.formats.jar import Jar
from sessiondoctor.probes.browser.accounts import SITE, Accounts
from sessiondoctor.probes.browser.budget import Spent
from sessiondoctor.probes.browser.recipe import Recipe, read_state
from sessiondoctor.probes.browser.results import FlowResult
from sessiondoctor.probes.browser.targets import REDIRECTED, entry
from sessiondoctor.probes.contract import Absent, Probe
from sessiondoctor.probes.flows.visitors import Bounds, Callers, landings, timeout_of
from sessiondoctor.probes.nodes.replay import asked, target
from sessiondoctor.probes.responses.cookie_roles import roles_of
from sessiondoctor.probes.responses.interpreter import Interpreter, TimedResult
from sessiondoctor.probes.responses.node_naming import Namer
from sessiondoctor.topology.model import Topology

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from sessiondoctor.context import Context, Options
    from sessiondoctor.formats.jar import StoredCookie
    from sessiondoctor.probes.browser.client import Client
    from sessiondoctor.probes.browser.results import Answer, StepResult
    from sessiondoctor.probes.responses.cookie_roles import Roles
    from sessiondoctor.topology.model import Node
    from sessiondoctor.topology.steps import Flow, Step

TURN: Final = -1
"""Right after the rehearsal: the logins that later probes use are made here, where all look at them at once."""

LATER_S = 1.0
"""Seconds until a node that does not know the login is asked again."""

_RUNS = 2  # one of a new visitor, one of a visitor who has put something into the session before
_LOOKS = 3
_TIMES = 2  # a node is asked at once and, if it says no, later
_FIRST = 1  # the rehearsal has made one before
_UNDECLARED = Recipe((), ())


def plan(topology: Topology, options: Options) -> Iterator[Probe | Absent]:
    """One probe, if a login is declared."""
    if not topology.site.flow.login:
        hint = "declare how to log in: site.flow.login, and site.flow.logged_in to see whether it worked"
        yield Absent(Logins, "site", "no login is declared", hint)
        return
    entry_point, nodes = entry(topology), _nodes(topology)
    shown = f", each shown to {len(nodes)} nodes" if nodes else ""
    yield Probe(
        evidence=Logins,
        subject="site",
        describe=f"{_RUNS} logins through {entry_point.authority}{shown}",
        contacts=bounds_of(topology).contacts(topology),
        ask=log_in,
        needs=(Rehearsal,),
        turn=TURN,
        timeout_s=timeout_of(options),
    )


def bounds_of(topology: Topology) -> Bounds:
    """The most requests of all runs."""
    flow = topology.site.flow
    through_entry = REDIRECTED * _RUNS * _LOOKS * len(flow.logged_in)
    nodes: Counter[str] = Counter()
    for node in _nodes(topology):
        nodes[target(node).authority] += REDIRECTED * _RUNS * _TIMES * len(flow.logged_in)
    return Bounds(landings(topology, 2 * _RUNS) + through_entry, nodes)


def _nodes(topology: Topology) -> tuple[Node, ...]:
    """The nodes that are asked directly: none, if there is nothing to ask."""
    return asked(topology) if topology.site.flow.logged_in else ()


async def log_in(context: Context, later_s: float = LATER_S) -> Logins:
    """Run the login as often as planned, one after the other.

    Raises:
        Unavailable: the site never answered, or there was no time for one login.
    """
    callers = Callers.within(bounds_of(context.topology), context)
    visitor = _Visitor(callers, context.topology, later_s, _now())
    flow = context.topology.site.flow
    befores = enumerate(((), flow.write), start=_FIRST)
    runs = [run for number, before in befores if (run := await visitor.run(number, before))]
    if not runs:
        raise Unavailable("there was not enough time for a login", hint="raise --deadline")
    if not any(run.answers for run in runs):
        raise Unavailable(runs[0].landing.trouble)
    return _report(runs, visitor)


@dataclass(frozen=True, slots=True)
class _Asked:
    """What one node said about the login: at once, and later if that was asked."""

    node: str
    at_once: FlowResult
    later: FlowResult | None = None


@dataclass(frozen=True, slots=True)
class _Run:
    """All that one login brought."""

    landing: FlowResult
    at_s: float = 0.0
    login: FlowResult | None = None
    looks: tuple[TimedResult, ...] = ()
    asked: tuple[_Asked, ...] = ()

    @property
    def turns(self) -> tuple[FlowResult, ...]:
        """Everything that went through the public entry."""
        return (self.landing, *((self.login,) if self.login else ()), *(look.turn for look in self.looks))

    @property
    def answers(self) -> tuple[Answer, ...]:
        """All responses of the public entry."""
        return tuple(answer for turn in self.turns for answer in turn.answers)


@dataclass(frozen=True, slots=True)
class _Visitor:
    """Somebody who logs in."""

    callers: Callers
    topology: Topology
    later_s: float
    began: float

    @property
    def flow(self) -> Flow:
        """What the topology declares."""
        return self.topology.site.flow

    @property
    def recipe(self) -> Recipe:
        """The login and the look that shows it."""
        return Recipe(self.flow.login, self.flow.logged_in)

    async def run(self, number: int, before: Sequence[Step]) -> _Run | None:
        """One login of a visitor who has taken these steps; None if the budget does not suffice."""
        try:
            return await self._run(number, before)
        except Spent:
            return None

    async def _run(self, number: int, before: Sequence[Step]) -> _Run:
        client, landing = await self.callers.landed()
        if landing.response is None:
            return _Run(landing)
        at_s = _now() - self.began
        login = await Accounts.of(self.callers.context).enter(client, SITE, number, before)
        if session := Accounts.of(self.callers.context).sessions.get((SITE, number)):
            landing = landing.then(session.before)
        if not login.ok or not self.recipe.declared:
            return _Run(landing, at_s, login)
        roles = roles_of((*landing.settings, *login.settings), self.topology)
        cookies = Jar(_given(login, roles))
        guests = [(node, self.callers.shown_to(node, cookies.copy(), client)) for node in _nodes(self.topology)]
        looks, said = await asyncio.gather(self._looks(client), self._ask(guests))
        again = {one.node for one in said if not self._knows(one.at_once)}
        later = await self._later([(node, client.with_jar(cookies)) for node, _ in guests if node.name in again])
        asked_of = tuple(_Asked(one.node, one.at_once, later.get(one.node)) for one in said)
        return _Run(landing, at_s, login, looks, asked_of)

    async def _looks(self, client: Client) -> tuple[TimedResult, ...]:
        """The client itself looks whether it is logged in.

        A new client comes between: where each look is answered by a redirect, two nodes in turn would look like one.
        """
        records = []
        for number in range(_LOOKS):
            if number == _LOOKS - 1:
                await self.callers.landed()
            at_s = _now() - self.began
            records.append(TimedResult(at_s, await client.steps(self.flow.logged_in)))
        return tuple(records)

    async def _ask(self, guests: Sequence[tuple[Node, Client]]) -> tuple[_Asked, ...]:
        """Every node at the same time, each with cookies of its own."""
        turns = await asyncio.gather(*(guest.steps(self.flow.logged_in) for _, guest in guests))
        return tuple(_Asked(node.name, turn) for (node, _), turn in zip(guests, turns, strict=True))

    async def _later(self, clients: Sequence[tuple[Node, Client]]) -> Mapping[str, FlowResult]:
        """Once more those that did not know the login, with the same cookies."""
        if not clients:
            return {}
        await asyncio.sleep(self.later_s)
        guests = [(node, self.callers.shown_to(node, client.jar.copy(), client)) for node, client in clients]
        return {one.node: one.at_once for one in await self._ask(guests)}

    def _knows(self, turn: FlowResult) -> bool:
        return read_state(self.recipe, turn).state == "kept"


def _report(runs: Sequence[_Run], visitor: _Visitor) -> Logins:
    """From records to evidence, once it is known which cookie and which node is which."""
    answers = [answer for run in runs for answer in run.answers]
    roles = roles_of((setting for answer in answers for setting in answer.settings), visitor.topology)
    turns = [turn for run in runs for turn in _looked(run)]
    works = any(read_state(visitor.recipe, turn).state == "kept" for turn in turns)
    namer = Namer(visitor.topology, roles, answers)
    interpreter = Interpreter(visitor.recipe, roles, namer, visitor.callers.reader, works)
    names = tuple(node.name for node in asked(visitor.topology))
    return Logins(tuple(_Told(interpreter, names).login(run) for run in runs), roles.comparable)


def _looked(run: _Run) -> Iterable[FlowResult]:
    yield from (look.turn for look in run.looks)
    for one in run.asked:
        yield from (turn for turn in (one.at_once, one.later) if turn)


@dataclass(frozen=True, slots=True)
class _Told:
    """Turns one run into evidence."""

    interpreter: Interpreter
    nodes: tuple[str, ...]

    def login(self, run: _Run) -> Login:
        """The evidence of one run."""
        login = run.login
        if login is None:
            return Login("", "", Trace(()), Trace(()), trouble=run.landing.trouble)
        before, after = self._ids(login) if login.ok else ("", "")
        return Login(
            before=before,
            after=after,
            steps=self._steps(run.at_s, login),
            looks=Trace(tuple(map(self.interpreter.look, run.looks))),
            nodes=self._recognitions(run) if login.ok else (),
            trouble=login.trouble,
        )

    def _ids(self, login: FlowResult) -> tuple[str, str]:
        """Tokens of the ids that the client sent when it first posted something, and was given."""
        roles, reader = self.interpreter.roles, self.interpreter.reader
        before = roles.session_in(_posting(login)[0].answers[0].sent)
        return reader.token(roles, before), reader.token(roles, roles.session_in(_given(login, roles)))

    def _steps(self, at_s: float, login: FlowResult) -> Trace:
        told = Interpreter(
            _UNDECLARED, self.interpreter.roles, self.interpreter.namer, self.interpreter.reader, works=False
        )
        return Trace(tuple(told.first(TimedResult(at_s, FlowResult((result,)))) for result in login.results))

    def _recognitions(self, run: _Run) -> tuple[Recognition, ...]:
        if not run.asked:
            return tuple(Recognition(name, "unknown") for name in self.nodes)
        return tuple(
            Recognition(
                node=one.node,
                at_once=self._state(one.at_once),
                later=self._state(one.later) if one.later else "unknown",
                status=one.at_once.status,
            )
            for one in run.asked
        )

    def _state(self, turn: FlowResult) -> LoginState:
        reading = read_state(self.interpreter.recipe, turn).settled(works=self.interpreter.works)
        if reading.state == "unknown":
            return "error" if reading.trouble and not reading.doubtful else "unknown"
        return "in" if reading.state == "kept" else "out"


def _posting(login: FlowResult) -> tuple[StepResult, ...]:
    """The steps from the first on that posted something, which is where a login begins; else the last step."""
    results = [result for result in login.results if result.answers]
    first = next((n for n, result in enumerate(results) if result.answers[0].method not in {"GET", "HEAD"}), -1)
    return tuple(results[first:])


def _given(login: FlowResult, roles: Roles) -> tuple[StoredCookie, ...]:
    """The cookies as the login left them: those of the last step that set the session's, else of a redirect's answer.

    What comes after may be the doing of a node that does not know the session, and replaces it.
    """
    results = _posting(login)
    own = [result.answers[0] for result in reversed(results)]
    for answer in (*own, *(answer for result in results for answer in result.answers)):
        setting = roles.handed_out(answer.settings)
        if setting and not setting.deletes:
            return answer.held
    return login.answers[-1].held


def _now() -> float:
    return asyncio.get_running_loop().time()
