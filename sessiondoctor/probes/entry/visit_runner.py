"""The visits of one scan at the public entry: what is sent, by whom, in which order."""

from __future__ import annotations

import asyncio
import itertools
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sessiondoctor.errors import Unavailable, Unreachable
from sessiondoctor.formats.jar import Jar, RawJar
from sessiondoctor.probes.balancers.counters import StatDeltas
from sessiondoctor.probes.browser.accounts import SITE, Accounts
from sessiondoctor.probes.browser.budget import Budget, Spent
from sessiondoctor.probes.browser.client import Client
from sessiondoctor.probes.browser.recipe import Recipe, read_state, recipe_of
from sessiondoctor.probes.browser.strangers import can_take
from sessiondoctor.probes.browser.targets import entry
from sessiondoctor.probes.entry.stopping import is_enough
from sessiondoctor.probes.entry.visit_results import VisitResults
from sessiondoctor.probes.entry.visit_sizes import (
    FROZEN_LOOKS,
    KEPT_ALIVE_LOOKS,
    MOST_REREADS,
    RAW_LOOKS,
    SHORTEST_CHAIN,
    STRANGERS,
    WITHHOLDING,
    WITHHOLDING_LOOKS,
    bound_of,
    seconds_of,
    sizes_of,
)
from sessiondoctor.probes.responses.cookie_reader import Reader
from sessiondoctor.probes.responses.cookie_roles import roles_of
from sessiondoctor.probes.responses.interpreter import Answers, ClientTrace, Interpreter, TimedResult
from sessiondoctor.wire.address import below
from sessiondoctor.wire.message import Request
from sessiondoctor.wire.redirect import redirected_to

if TYPE_CHECKING:
    from collections.abc import Awaitable, Iterable, Sequence

    from sessiondoctor.context import Context
    from sessiondoctor.probes.browser.results import Answer, FlowResult, Setting
    from sessiondoctor.topology.steps import Step
    from sessiondoctor.wire.client import Connection

# Of other clients: under a round robin of three nodes eight at once that come back move, and three at once stay;
# of two nodes it is the other way round.
_AT_ONCE = 8
_EARLY_LOOKS = 3  # of the first client, before a new client comes: a balancer that takes turns is put out of step
_GIVE_UP_AFTER = 2  # looks in a row without a response
_MAY_BIND = {"sticky", "unknown"}  # modes in which a balancer may be meant to keep a client on its node


@dataclass(slots=True)
class _Visitor:
    """A client and its records so far. With `first` cookies it keeps to these, whatever is set later."""

    client: Client
    made: TimedResult
    looks: list[TimedResult] = field(default_factory=list)
    first: Jar | None = None

    @property
    def track(self) -> ClientTrace:
        """What it recorded."""
        return ClientTrace(self.made, tuple(self.looks))

    @property
    def is_done(self) -> bool:
        """Whether another look makes no sense: there is nothing to look at, or nobody answers."""
        last = self.looks[-_GIVE_UP_AFTER:]
        is_silent = len(last) == _GIVE_UP_AFTER and not any(record.turn.response for record in last)
        return is_silent or not self.made.turn.ok


class VisitRunner:
    """All visits of one scan: it sends and records, and judges only what decides about the next request."""

    def __init__(self, context: Context, recipe: Recipe | None = None, budget: Budget | None = None) -> None:
        """With the declared flow and as much as that needs, unless something else is given."""
        self.context = context
        self.recipe = recipe or recipe_of(context.topology.site.flow)
        self.reader = Reader(context.topology, context.redactor)
        self.target = entry(context.topology)
        self._accounts = Accounts.of(context)
        self._numbers = itertools.count()
        self._sizes = sizes_of(context.options.requests, login=self.recipe.login)
        bound = bound_of(self.recipe, self._sizes, self.target)
        self.budget = budget or Budget(bound, seconds_of(context.options))
        self._newcomers: list[TimedResult] = []
        self._deltas: StatDeltas | None = None  # while one client is alone
        self._began = asyncio.get_running_loop().time()

    async def run(self) -> VisitResults:
        """All visits: one client alone, then the others together, then the first ones again."""
        landing = await self._land()
        fresh_recipe = Recipe((), ()) if self.recipe.login or self._sets_session(landing) else self.recipe
        self._deltas = await StatDeltas.begin(self.context)
        first = await self._first()
        if not self._interpreter([first]).namer.is_silent:
            self._deltas = None
        await self._alone(first, self._sizes.chains[0] - 1, fresh_recipe)
        self._deltas = None
        frozen = await self._frozen(first)
        if frozen:
            await self._alone(frozen, FROZEN_LOOKS, fresh_recipe)
        kept_alive = await self._kept_alive()
        so_far = (*landing, *first.track.answers)
        newcomers = (self._fresh(fresh_recipe) for _ in range(self._sizes.fresh - len(self._newcomers)))
        await asyncio.gather(*newcomers)
        visitors, raw, without = await asyncio.gather(
            self._chains(first), self._raw(so_far), self._without_affinity(so_far)
        )
        rereads, new_clients = await asyncio.gather(self._rereads(visitors), self._strangers(visitors))
        return VisitResults(
            landing=landing,
            returning=tuple(visitor.track for visitor in visitors),
            fresh=tuple(self._newcomers),
            raw=raw,
            without_affinity=without,
            frozen=(frozen.track,) if frozen else (),
            kept_alive=kept_alive,
            rereads=rereads,
            new_clients=new_clients,
            login=self.recipe.login,
        )

    async def _land(self) -> tuple[Answer, ...]:
        """Open the URL as a user does; what comes after goes to where that led."""
        answers = await self._client(Jar()).fetch(Request(self.target.url))
        if len(answers) > self.target.redirects and redirected_to(answers[-1].response):
            reason = f"{self.target.authority}: more than {self.target.redirects} redirects in a row"
            raise Unreachable(reason, trouble="redirects")
        self.target = self.target.moved_to(answers[-1].response.url)
        return answers

    def _sets_session(self, answers: Sequence[Answer]) -> bool:
        settings = _settings(answers)
        return roles_of(settings, self.context.topology).handed_out(settings) is not None

    async def _first(self) -> _Visitor:
        visitor = await self._make(self._client(Jar()))
        if visitor is None:
            raise Unavailable("there was not enough time for the visits", hint="raise --deadline")
        return visitor

    async def _frozen(self, first: _Visitor) -> _Visitor | None:
        """A client that keeps to its first cookies: a balancer that follows them always chooses one node.

        Where another client has lost its state, it also shows whether that comes back: no node can replace its session.
        """
        if self.context.topology.mode() not in _MAY_BIND and not self._has_lost(first):
            return None
        visitor = await self._make(self._client(Jar()), self._again(0))
        if visitor:
            visitor.first = visitor.client.jar.copy()
        return visitor

    async def _alone(self, visitor: _Visitor, looks: int, fresh_recipe: Recipe) -> None:
        """A chain of looks while nobody else visits, but for one new client in the middle."""
        await self._looks(visitor, min(_EARLY_LOOKS, looks))
        await self._fresh(fresh_recipe)
        await self._looks(visitor, looks - _EARLY_LOOKS)

    def _again(self, number: int) -> int | None:
        """Which logged-in session a client uses that makes none; it only looks, so that others may use it as well."""
        return number if self.recipe.login else None

    async def _chain(
        self, jar: Jar, length: int, withheld: Iterable[str] = (), number: int | None = None
    ) -> _Visitor | None:
        visitor = await self._make(self._client(jar, tuple(withheld)), number)
        if visitor:
            await self._looks(visitor, length - 1)
        return visitor

    async def _chains(self, first: _Visitor) -> list[_Visitor]:
        """All returning clients: the others come back a few times, and then as long as it is not decided."""
        lengths = self._sizes.chains[1:]
        others: list[_Visitor | None] = []
        for wave in (lengths[:_AT_ONCE], lengths[_AT_ONCE:]):
            others += await asyncio.gather(*(self._chain(Jar(), min(length, SHORTEST_CHAIN)) for length in wave))
        visitors = [first, *(visitor for visitor in others if visitor)]
        for visits in range(SHORTEST_CHAIN, max(lengths, default=0)):
            if self._is_enough(visitors):
                break
            pairs = zip(others, lengths, strict=True)
            await asyncio.gather(*(self._looks(one, 1) for one, length in pairs if one and visits < length))
        return visitors

    def _is_enough(self, visitors: Sequence[_Visitor]) -> bool:
        """Whether it is decided how nodes are chosen; whoever asks for a number of requests looks for rare moves."""
        interpreter = self._interpreter(visitors)
        return is_enough(
            tuple(interpreter.trace(visitor.track) for visitor in visitors),
            tuple(map(interpreter.first, self._newcomers)),
            len(self.context.topology.nodes),
            rare_ones=self.context.options.requests is not None,
        )

    def _interpreter(self, visitors: Sequence[_Visitor]) -> Interpreter:
        """For what returning and fresh clients have seen until now."""
        tracks = [visitor.track for visitor in visitors]
        answers = tuple(answer for track in tracks for answer in track.answers)
        answers += tuple(answer for record in self._newcomers for answer in record.turn.answers)
        return Interpreter.of(self.recipe, self.reader, self.context.topology, tracks, Answers(answers, answers))

    async def _kept_alive(self) -> tuple[ClientTrace, ...]:
        """A client whose requests share one connection; none if the server does not keep it open.

        Alone: a round robin that serves somebody else between them would lead each of its requests to one node.
        """
        if self.context.topology.mode() not in _MAY_BIND:
            return ()
        async with self.context.wire.connection() as connection:
            visitor = await self._make(self._client(Jar(), connection=connection), self._again(0))
            if visitor:
                await self._looks(visitor, KEPT_ALIVE_LOOKS)
        records = visitor.track.records[self.recipe.login :] if visitor else ()
        answers = [answer for record in records for answer in record.turn.answers]
        kept = all(answer.response.reused for answer in answers[1:])
        return (visitor.track,) if visitor and kept else ()

    async def _raw(self, so_far: Sequence[Answer]) -> tuple[ClientTrace, ...]:
        """A client without a browser's rules, if they matter here."""
        settings = _settings(so_far)
        seen = self.reader.first_of_each(settings, self.read_url, roles_of(settings, self.context.topology))
        if not any(cookie.unsent for cookie in seen):
            return ()
        visitor = await self._chain(RawJar(), 1 + RAW_LOOKS, number=self._again(0))
        return (visitor.track,) if visitor else ()

    async def _without_affinity(self, so_far: Sequence[Answer]) -> tuple[ClientTrace, ...]:
        names = roles_of(_settings(so_far), self.context.topology).affinity_names
        if not names:
            return ()
        chains = (self._chain(Jar(), 1 + WITHHOLDING_LOOKS, names, self._again(n)) for n in range(WITHHOLDING))
        return tuple(visitor.track for visitor in await asyncio.gather(*chains) if visitor)

    async def _fresh(self, recipe: Recipe) -> None:
        """The first visit of somebody new."""
        record = await self._visit(self._client(Jar()), recipe.write)
        if record:
            self._newcomers.append(record)

    async def _strangers(self, visitors: Sequence[_Visitor]) -> tuple[TimedResult, ...]:
        """New clients that look for what another one wrote; none where nobody can look without its token or page."""
        writers = (visitor.client for visitor in visitors if visitor.made.turn.ok)
        known = next(writers, None) if self.recipe.declared else None
        if known is None or not can_take(self.recipe.read, known.values):
            return ()
        looks = (self._visit(known.stranger(), self.recipe.read) for _ in range(STRANGERS))
        return tuple(record for record in await asyncio.gather(*looks) if record)

    async def _rereads(self, visitors: Sequence[_Visitor]) -> tuple[tuple[ClientTrace, TimedResult], ...]:
        """The earliest sessions once more; whoever lost one before has nothing to read again."""
        intact = [visitor for visitor in visitors if visitor.looks and not self._has_lost(visitor)][:MOST_REREADS]
        tracks = [visitor.track for visitor in intact]
        looks = await asyncio.gather(*(self._visit(visitor.client, self.recipe.read) for visitor in intact))
        return tuple((track, record) for track, record in zip(tracks, looks, strict=True) if record)

    def _has_lost(self, visitor: _Visitor) -> bool:
        readings = (read_state(self.recipe, look.turn) for look in visitor.looks)
        return any(reading.state == "lost" or reading.doubtful for reading in readings)

    async def _make(self, client: Client, number: int | None = None) -> _Visitor | None:
        number = next(self._numbers) if number is None else number
        record = await self._recorded(self._accounts.begin(client, self.recipe, SITE, number))
        return _Visitor(client, record) if record else None

    async def _looks(self, visitor: _Visitor, count: int) -> None:
        """So many looks, one after the other."""
        for _ in range(count):
            if visitor.is_done:
                return
            if visitor.first is not None:
                visitor.client.jar = visitor.first.copy()
            record = await self._visit(visitor.client, self.recipe.read)
            if record is None:
                return
            visitor.looks.append(record)

    async def _visit(self, client: Client, steps: Sequence[Step]) -> TimedResult | None:
        """One visit; None if the budget is used up."""
        return await self._recorded(client.steps(steps))

    async def _recorded(self, asked: Awaitable[FlowResult]) -> TimedResult | None:
        """What came of it, and when; None if the budget is used up."""
        at_s = asyncio.get_running_loop().time() - self._began
        try:
            turn = await asked
        except Spent:
            return None
        counted_at = await self._deltas.answered_by(len(turn.answers)) if self._deltas else ""
        return TimedResult(at_s, turn, counted_at)

    def _client(self, jar: Jar, withheld: tuple[str, ...] = (), connection: Connection | None = None) -> Client:
        return Client.of(self.context, self.target, jar, budget=self.budget, withheld=withheld, connection=connection)

    @property
    def read_url(self) -> str:
        """Where the state is looked at."""
        path = self.recipe.read[-1].path if self.recipe.read else ""
        return below(self.target.url, path) if path else self.target.url


def _settings(answers: Iterable[Answer]) -> tuple[Setting, ...]:
    return tuple(setting for answer in answers for setting in answer.settings)
