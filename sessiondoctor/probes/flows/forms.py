"""Forms with a CSRF token: opened and sent by clients of the public entry, and on one node after another."""

from __future__ import annotations

import asyncio
import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from sessiondoctor.errors import Unavailable
from sessiondoctor.evidence.flows.forms import Forms, FormState, FormTry
from sessiondoctor.evidence.flows.rehearsal import Rehearsal
from sessiondoctor.probes.browser.accounts import AT_SITE, SITE
from sessiondoctor.probes.browser.budget import Spent
from sessiondoctor.probes.browser.recipe import SERVER_ERROR, Recipe, read_state, recipe_of
from sessiondoctor.probes.browser.results import FlowResult
from sessiondoctor.probes.browser.targets import REDIRECTED, entry
from sessiondoctor.probes.contract import Absent, Probe
from sessiondoctor.probes.flows.visitors import Bounds, Callers, landings, timeout_of
from sessiondoctor.probes.nodes.matrix import pairs_of
from sessiondoctor.probes.nodes.replay import asked, target
from sessiondoctor.probes.responses.cookie_roles import roles_of
from sessiondoctor.probes.responses.interpreter import REJECTED, Interpreter, TimedResult
from sessiondoctor.probes.responses.node_naming import Namer
from sessiondoctor.topology.model import Topology
from sessiondoctor.topology.steps import Step

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from sessiondoctor.context import Context, Options
    from sessiondoctor.probes.browser.client import Client
    from sessiondoctor.probes.browser.results import Answer, StepResult
    from sessiondoctor.topology.model import Node
    from sessiondoctor.wire.message import Response

_CLIENTS = 4
_MOST_PAIRS = 12  # of different nodes: all pairs of four
_STEPS = 2  # one that opens, one that sends
_SHORTEST_TOKEN = 16  # shorter values (a product, a language) are the same for everybody, and no tokens
_UNCERTAIN = {"status", "expectation"}
_NOT_GIVEN_OUT = {"no-store", "private", "no-cache"}
_HIT = re.compile(r"(?i)(\b|_)hit\b")
_CACHE_SAYS = ("x-cache", "cf-cache-status", "x-cache-status", "x-varnish-cache")


def plan(topology: Topology, options: Options) -> Iterator[Probe | Absent]:
    """One probe, if a form is declared."""
    if len(topology.site.flow.form) < _STEPS:
        hint = "declare a step that opens a form with its token and one that sends it: site.flow.form"
        yield Absent(Forms, "site", "no form is declared", hint)
        return
    entry_point, nodes = entry(topology), asked(topology)
    directly = f", and {len(pairs(len(nodes)))} directly on {len(nodes)} nodes" if nodes else ""
    yield Probe(
        evidence=Forms,
        subject="site",
        describe=f"{_CLIENTS} forms opened and sent through {entry_point.authority}{directly}",
        contacts=bounds_of(topology).contacts(topology),
        ask=_ask,
        needs=(Rehearsal,),
        timeout_s=timeout_of(options),
    )


def pairs(count: int) -> tuple[tuple[int, int], ...]:
    """On which of `count` nodes a form is opened and to which it is sent: each to itself, then to others in rings."""
    rings = max(1, _MOST_PAIRS // count) if count else 0
    return (*((n, n) for n in range(count)), *pairs_of(count)[: rings * count])


def bounds_of(topology: Topology) -> Bounds:
    """The most requests of all tries."""
    trial, nodes = _trial(topology), asked(topology)
    making, sending = len(trial.recipe.write) + len(trial.opening), 1 + len(trial.look)
    direct: Counter[str] = Counter()
    for opened_on, sent_to in pairs(len(nodes)):
        direct[target(nodes[opened_on]).authority] += REDIRECTED * making
        direct[target(nodes[sent_to]).authority] += REDIRECTED * sending
    return Bounds(landings(topology, _CLIENTS) + REDIRECTED * _CLIENTS * (making + sending), direct)


@dataclass(frozen=True, slots=True)
class _Trial:
    """What a client does: make a session, open the form, send it, look whether the session's state is still there."""

    recipe: Recipe
    opening: tuple[Step, ...]
    sending: tuple[Step, ...]
    look: tuple[Step, ...]

    @property
    def tokens(self) -> tuple[str, ...]:
        """The names of what opening the form extracts."""
        return tuple(dict.fromkeys(name for step in self.opening for name in step.extract))


def _trial(topology: Topology) -> _Trial:
    flow, recipe = topology.site.flow, recipe_of(topology.site.flow)
    look = recipe.read if recipe.declared else ()
    return _Trial(recipe, flow.form[:-1], flow.form[-1:], look)


@dataclass(frozen=True, slots=True)
class _Tried:
    """What one try brought, as far as it came.

    Attributes:
        opened_on: the node, where it was asked directly.
        sent_to: likewise.
        before: opening the site and making a session.
        shown: the values of the tokens, by name.
    """

    opened_on: str
    sent_to: str
    before: FlowResult
    opened: FlowResult | None = None
    sent: FlowResult | None = None
    looked: FlowResult | None = None
    shown: Mapping[str, str] = field(default_factory=dict, repr=False)

    @property
    def turns(self) -> tuple[FlowResult, ...]:
        """All that was done, in order."""
        return tuple(turn for turn in (self.before, self.opened, self.sent, self.looked) if turn)

    @property
    def answers(self) -> tuple[Answer, ...]:
        """All responses."""
        return tuple(answer for turn in self.turns for answer in turn.answers)


async def _ask(context: Context) -> Forms:
    topology = context.topology
    tester = _Tester(Callers.within(bounds_of(topology), context), _trial(topology))
    first = await tester.through_entry(0)
    others = await asyncio.gather(*(tester.through_entry(number) for number in range(1, _CLIENTS)))
    clients = [tried for tried in (first, *others) if tried]
    nodes = asked(topology)
    tries = (tester.on_nodes(nodes[opened], nodes[sent]) for opened, sent in pairs(len(nodes)))
    direct = [tried for tried in await asyncio.gather(*tries) if tried]
    if not any(tried.answers for tried in (*clients, *direct)):
        reason = clients[0].before.trouble if clients else "there was not enough time for the forms"
        raise Unavailable(reason, hint="" if clients else "raise --deadline")
    return _Report(topology, tester, works=_ever_kept(context, (*clients, *direct))).forms(clients, direct)


@dataclass(frozen=True, slots=True)
class _Tester:
    """Opens forms and sends them."""

    callers: Callers
    trial: _Trial

    async def through_entry(self, number: int) -> _Tried | None:
        """One client of the public entry; None if the budget does not suffice."""
        try:
            client, landing = await self.callers.landed()
            if landing.response is None:
                return _Tried("", "", landing)
            made = await self._made(client, SITE, number % AT_SITE)
            before = landing.then(made)
            return await self._try(_Tried("", "", before), client, client)
        except Spent:
            return None

    async def on_nodes(self, opened_on: Node, sent_to: Node) -> _Tried | None:
        """A session and a form made on one node, sent to another; None if the budget does not suffice."""
        client = self.callers.at_node(opened_on)
        try:
            tried = _Tried(opened_on.name, sent_to.name, await self._made(client, opened_on.name))
            return await self._try(tried, client, self.callers.sent_on(client, sent_to))
        except Spent:
            return None

    async def _made(self, client: Client, place: str, number: int = 0) -> FlowResult:
        """A session with state, where the topology says how; else the form itself begins one."""
        if not (self.trial.recipe.write or self.trial.recipe.login):
            return FlowResult(())
        return await self.callers.begin(client, self.trial.recipe, place, number)

    async def _try(self, tried: _Tried, opener: Client, sender: Client) -> _Tried:
        """The form itself. Both clients have one jar and the same values."""
        if not tried.before.ok:
            return tried
        tried = replace(tried, opened=await opener.steps(self.trial.opening))
        if not (tried.opened and tried.opened.ok):
            return tried
        shown = {name: opener.values[name] for name in self.trial.tokens if name in opener.values}
        sent = await sender.steps(self.trial.sending)
        looked = await sender.steps(self.trial.look) if self.trial.look and sent.response else None
        return replace(tried, shown=shown, sent=sent, looked=looked)


def _ever_kept(context: Context, tries: Iterable[_Tried]) -> bool:
    """Whether looking ever showed the state."""
    recipe = recipe_of(context.topology.site.flow)
    return any(tried.looked and read_state(recipe, tried.looked).state == "kept" for tried in tries)


@dataclass(frozen=True, slots=True)
class _Report:
    """From records to evidence, once it is known which cookie and which node is which.

    Attributes:
        works: whether looking ever showed the session's state.
    """

    topology: Topology
    tester: _Tester
    works: bool

    def forms(self, clients: Sequence[_Tried], direct: Sequence[_Tried]) -> Forms:
        """The evidence."""
        interpreter = self._interpreter(clients)
        openings = [answer for tried in clients for answer in _form_pages(tried, self.tester.trial)]
        return Forms(
            through_entry=tuple(self._trial(tried, interpreter) for tried in clients),
            direct=tuple(self._trial(tried, self._interpreter((tried,))) for tried in direct),
            tokens_shared=_shared([tried.shown for tried in clients]),
            cached=any(_is_cached(answer.response) for answer in openings),
        )

    def _interpreter(self, tries: Sequence[_Tried]) -> Interpreter:
        answers = [answer for tried in tries for answer in tried.answers]
        roles = roles_of((setting for answer in answers for setting in answer.settings), self.topology)
        namer = Namer(self.topology, roles, answers)
        return Interpreter(Recipe((), ()), roles, namer, self.tester.callers.reader, works=False)

    def _trial(self, tried: _Tried, interpreter: Interpreter) -> FormTry:
        opened = tried.opened_on or _node(tried.opened, interpreter)
        if not tried.sent:
            last = tried.turns[-1]
            return FormTry(opened, tried.sent_to, _unsent(last), last.status, trouble=last.trouble)
        state = _state(self.tester.trial.sending, tried.sent)
        exchange = interpreter.first(TimedResult(0.0, tried.sent))
        return FormTry(
            opened_on=opened,
            sent_to=tried.sent_to or exchange.node,
            state=state,
            status=exchange.status,
            session_kept=self._kept(tried.looked),
            renewed=exchange.renewed,
            trouble=exchange.trouble if state in {"error", "unknown"} else "",
        )

    def _kept(self, looked: FlowResult | None) -> bool | None:
        if looked is None:
            return None
        reading = read_state(recipe_of(self.topology.site.flow), looked).settled(works=self.works)
        return None if reading.state == "unknown" else reading.state == "kept"


def _node(opened: FlowResult | None, interpreter: Interpreter) -> str:
    return interpreter.first(TimedResult(0.0, opened)).node if opened else ""


def _unsent(last: FlowResult) -> FormState:
    """What not even coming to the form says about it."""
    return "error" if last.response is None or last.status >= SERVER_ERROR else "unknown"


def _state(sending: tuple[Step, ...], sent: FlowResult) -> FormState:
    """What the node said to the form; being sent to the login page is no, too."""
    reading, result = read_state(Recipe(sending, sending), sent), sent.results[-1]
    if reading.state == "kept":
        return "accepted"
    if reading.state == "lost" or _is_refused(result):
        return "rejected"
    return "unknown" if reading.doubtful else "error"


def _is_refused(result: StepResult) -> bool:
    return result.status in REJECTED or (result.why in _UNCERTAIN and result.status < 400)


def _form_pages(tried: _Tried, trial: _Trial) -> Iterator[Answer]:
    """The responses that hold a form: those of steps that extract something, or all that opened it."""
    if not tried.opened:
        return
    pairs_of_steps = list(zip(trial.opening, tried.opened.results, strict=False))
    holding = [result for step, result in pairs_of_steps if step.extract] or list(tried.opened.results)
    yield from (result.answers[-1] for result in holding if result.answers)


def _shared(shown: Sequence[Mapping[str, str]]) -> int:
    """How many clients were shown a token that another one was shown, too."""
    pairs_shown = [{pair for pair in values.items() if len(pair[1]) >= _SHORTEST_TOKEN} for values in shown]
    owners = Counter(pair for client in pairs_shown for pair in client)
    return sum(any(owners[pair] > 1 for pair in client) for client in pairs_shown)


def _is_cached(response: Response) -> bool:
    """Whether a shared cache gave this response, or may keep it (RFC 9111, sections 5.1 and 5.2.2)."""
    said = " ".join(response.header(name) for name in _CACHE_SAYS)
    from_cache = bool(_HIT.search(said)) or response.header("age").strip() not in {"", "0"}
    return from_cache or _may_be_kept(", ".join(response.all("cache-control")))


def _may_be_kept(policy: str) -> bool:
    """Whether this Cache-Control lets a shared cache give the response to others; `s-maxage` comes before `max-age`."""
    parts = (part.partition("=") for part in policy.lower().split(","))
    directives = {name.strip(): value.strip(' "') for name, _, value in parts}
    if directives.keys() & _NOT_GIVEN_OUT:
        return False
    seconds = directives.get("s-maxage", directives.get("max-age"))
    return "public" in directives if seconds is None else seconds.strip("0").isdecimal()
