"""Visits that cross between the ways into a site: what is sent, by whom, in which order, and at most how often."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from sessiondoctor.errors import Unavailable, Unreachable
from sessiondoctor.formats.jar import Jar, RawJar, StoredCookie, why_not_sent
from sessiondoctor.probes.browser.accounts import Accounts
from sessiondoctor.probes.browser.budget import Budget, Spent
from sessiondoctor.probes.browser.client import Client
from sessiondoctor.probes.browser.recipe import read_state, recipe_of
from sessiondoctor.probes.browser.results import Answer, FlowResult
from sessiondoctor.probes.browser.target import Target
from sessiondoctor.probes.browser.targets import REDIRECTED, entry
from sessiondoctor.probes.entry.entry_point_list import EntryTarget, look_up, other_addresses, ways_of
from sessiondoctor.probes.responses.cookie_reader import Reader
from sessiondoctor.probes.responses.cookie_roles import roles_of
from sessiondoctor.probes.responses.interpreter import ClientTrace, TimedResult
from sessiondoctor.wire.address import below, place, split_url
from sessiondoctor.wire.message import Request
from sessiondoctor.wire.redirect import redirected_to

if TYPE_CHECKING:
    from collections.abc import Awaitable, Iterable, Sequence

    from sessiondoctor.context import Context, Options
    from sessiondoctor.evidence.entry.entry_points import EntryPointKind
    from sessiondoctor.probes.browser.recipe import Recipe
    from sessiondoctor.probes.browser.results import Setting
    from sessiondoctor.topology.steps import Step

_LOOKS = 3
_RAW_LOOKS = 2
_BACK_LOOKS = 2
_OWN_LOOKS = 2
_OF_COOKIES: set[EntryPointKind] = {"url", "scheme", "balancer"}  # where a browser may withhold some
_SECONDS = 20.0
_FEWEST_SECONDS = 3.0


def home_bound(recipe: Recipe) -> int:
    """The most requests through the home entry point for one entry point test."""
    return REDIRECTED * (recipe.write_requests + _BACK_LOOKS * recipe.read_requests)


def door_bound(recipe: Recipe, kind: EntryPointKind) -> int:
    """The most requests through the other entry point of one entry point test."""
    looks = _LOOKS + (_RAW_LOOKS if kind in _OF_COOKIES else 0)
    proof = recipe.write_requests + _OWN_LOOKS * recipe.read_requests if recipe.declared and kind != "source" else 0
    return REDIRECTED * (1 + looks * recipe.read_requests + proof)


def stay_bound(recipe: Recipe, home: Target) -> int:
    """The most requests of whoever lands, and of the client that uses the home entry point only."""
    visits = recipe.write_requests + (_LOOKS + _BACK_LOOKS) * recipe.read_requests
    return 1 + home.redirects + REDIRECTED * visits


def seconds_of(options: Options) -> float:
    """How long visits may begin."""
    return max(_FEWEST_SECONDS, min(_SECONDS, options.deadline_s / 3 - options.timeout_s))


@dataclass(frozen=True, slots=True)
class EntryTrace:
    """All that was recorded of one entry point test.

    Attributes:
        made: None if the time did not suffice for it.
        new_client: the first visit through the entry point, without cookies; None if nothing was made at home.
        own: a session that was made there and looked at there, which shows whether the flow works there at all; None
            where that is known anyhow.
    """

    way: EntryTarget
    made: TimedResult | None
    new_client: TimedResult | None = None
    there: tuple[TimedResult, ...] = ()
    raw: tuple[TimedResult, ...] = ()
    own: ClientTrace | None = None
    back: tuple[TimedResult, ...] = ()
    withheld: str = ""
    leads_to: str = ""

    @property
    def at_home(self) -> tuple[TimedResult, ...]:
        """What a browser met at home."""
        return (*((self.made,) if self.made else ()), *self.back)

    @property
    def records(self) -> tuple[TimedResult, ...]:
        """All visits."""
        own = self.own.records if self.own else ()
        return (*self.at_home, *((self.new_client,) if self.new_client else ()), *self.there, *self.raw, *own)


@dataclass(frozen=True, slots=True)
class Entered:
    """All that was recorded."""

    home: Target
    landing: tuple[Answer, ...]
    stayed: ClientTrace
    trips: tuple[EntryTrace, ...]

    @property
    def browsing(self) -> tuple[Answer, ...]:
        """The responses at the home entry point, which say what is a session there."""
        records = (*self.stayed.records, *(record for trip in self.trips for record in trip.at_home))
        return (*self.landing, *answers_of(records))

    @property
    def answers(self) -> tuple[Answer, ...]:
        """All responses."""
        others = (record for trip in self.trips for record in trip.records)
        return (*self.landing, *self.stayed.answers, *answers_of(others))


def answers_of(records: Iterable[TimedResult]) -> tuple[Answer, ...]:
    """Their responses, in order."""
    return tuple(answer for record in records for answer in record.turn.answers)


def settings_of(answers: Iterable[Answer]) -> tuple[Setting, ...]:
    """All cookies that they set."""
    return tuple(setting for answer in answers for setting in answer.settings)


class Crossings:
    """All visits: it sends and records, and judges only what decides about the next request."""

    def __init__(self, context: Context) -> None:
        topology = context.topology
        self.context = context
        self.reader = Reader(topology, self.context.redactor)
        self.recipe = recipe_of(topology.site.flow)
        self.accounts = Accounts.of(context)
        self.home = entry(topology)
        self._landing: tuple[Answer, ...] = ()
        self._stay = self._budget(stay_bound(self.recipe, self.home))
        self._began = asyncio.get_running_loop().time()

    async def ways(self) -> tuple[EntryTarget, ...]:
        """Land at the home entry point, if there may be others; returns these.

        Raises:
            Unavailable: nobody answers at the home entry point, or its name is unknown and no other is declared.
        """
        topology = self.context.topology
        found = await look_up(self.context)
        if not (found or ways_of(topology, self.home, ())):
            raise Unavailable(f"the addresses of {self.home.authority} were not found")
        if len(set(found)) <= 1 and not ways_of(topology, self.home, ()):
            return ()
        self._landing = await self._land()
        address = _ip(self._landing[-1])
        self.home = replace(self.home.moved_to(self._landing[-1].response.url), address=address)
        return ways_of(topology, self.home, other_addresses(found, address))

    async def cross(self, ways: Sequence[EntryTarget]) -> Entered:
        """One client that stays, and one for each entry point, all together.

        Raises:
            Unavailable: no session can be made through the home entry point.
        """
        stayer = self._client(self.home, Jar(), self._stay)
        made = await self._made(stayer)
        looks, trips = await asyncio.gather(
            self._looks(stayer, _LOOKS + _BACK_LOOKS), asyncio.gather(*(self._trip(way) for way in ways))
        )
        return Entered(self.home, self._landing, ClientTrace(made, looks), tuple(trips))

    async def _land(self) -> tuple[Answer, ...]:
        """Open the URL as a user does; what comes after goes to where that led."""
        answers = await self._client(self.home, Jar(), self._stay).fetch(Request(self.home.url))
        if len(answers) > self.home.redirects and redirected_to(answers[-1].response):
            reason = f"{self.home.authority}: more than {self.home.redirects} redirects in a row"
            raise Unreachable(reason, trouble="redirects")
        return answers

    async def _made(self, client: Client) -> TimedResult:
        """The first session.

        Raises:
            Unavailable: it cannot be made.
        """
        made = await self._recorded(self.accounts.begin(client, self.recipe))
        if made is None or not made.turn.ok:
            why = made.turn.trouble if made else "there was not enough time"
            raise Unavailable(f"no session can be made: {why}", hint="correct site.flow: its login and write must work")
        return made

    async def _trip(self, way: EntryTarget) -> EntryTrace:
        at_home = self._client(self.home, Jar(), self._budget(home_bound(self.recipe)))
        made = await self._recorded(self.accounts.begin(at_home, self.recipe))
        if made is None or not made.turn.ok:
            return EntryTrace(way, made)
        budget = self._budget(door_bound(self.recipe, way.entry_point.kind))
        new_client = await self._visit(self._client(way.target, Jar(), budget), ())
        leads_to, away = self._leads(way, new_client)
        trip = EntryTrace(way, made, new_client, leads_to=leads_to)
        if new_client is None or new_client.turn.response is None or away:
            return trip
        way = replace(way, target=_pinned(way.target, new_client.turn.answers[-1]))
        return await self._through(replace(trip, way=way), made, at_home, budget)

    async def _through(self, trip: EntryTrace, made: TimedResult, at_home: Client, budget: Budget) -> EntryTrace:
        """The session looked at through the entry point, and at home again."""
        target, cookies = trip.way.target, at_home.jar.all()
        visitor = at_home.at(target, budget=budget)
        withheld = self._withheld(target, made, cookies)
        there = await self._looks(visitor, _LOOKS)
        raw: tuple[TimedResult, ...] = ()
        if withheld and not trip.way.exposed:
            raw = await self._looks(visitor.with_jar(RawJar(cookies)), _RAW_LOOKS)
        own = await self._own(trip.way, budget) if self._is_doubtful(trip.way, (*there, *raw)) else None
        back = await self._looks(at_home, _BACK_LOOKS)
        return replace(trip, there=there, raw=raw, own=own, back=back, withheld=withheld)

    def _leads(self, way: EntryTarget, new_client: TimedResult | None) -> tuple[str, bool]:
        """Where the entry point redirects new clients to, and whether no client follows there.

        A redirect to another host is as far as a client follows: what is behind it has an entry point of its own.
        """
        if new_client is None or new_client.turn.response is None:
            return "", False
        response = new_client.turn.response
        onward = redirected_to(response)
        last = onward or response.url
        if split_url(last).origin == split_url(way.target.url).origin:
            return "", False
        at_home = redirected_to(self._landing[-1].response)
        away = bool(onward) and not (at_home and place(at_home) == place(onward))
        origin = split_url(last).origin
        return f"{origin.scheme}://{origin.authority}", away

    def _withheld(self, target: Target, made: TimedResult, cookies: Sequence[StoredCookie]) -> str:
        """Why a browser does not send the session cookie through an entry point; empty if it does, or holds none."""
        settings = settings_of((*self._landing, *made.turn.answers))
        roles = roles_of(settings, self.context.topology)
        path = self.recipe.read[-1].path if self.recipe.read else ""
        url = target.seen(below(target.url, path) if path else target.url)
        session = [cookie for cookie in cookies if roles.role_of(cookie.name) == "session"]
        reasons = [why_not_sent(cookie, url, url, time.time()) for cookie in session]
        return "" if "" in reasons else next(iter(reasons), "")

    def _is_doubtful(self, way: EntryTarget, records: Sequence[TimedResult]) -> bool:
        """Whether the state was missed, and nothing shows that the flow works through this entry point."""
        if way.entry_point.kind == "source" or way.exposed:
            return False
        readings = [read_state(self.recipe, record.turn) for record in records]
        missed = any(reading.state == "lost" or reading.doubtful for reading in readings)
        return missed and not any(reading.state == "kept" for reading in readings)

    async def _own(self, way: EntryTarget, budget: Budget) -> ClientTrace | None:
        """A session that is made through the entry point; nobody logs in just for that."""
        if self.recipe.login:
            return None
        client = self._client(way.target, RawJar(), budget)
        made = await self._visit(client, self.recipe.write)
        if made is None:
            return None
        return ClientTrace(made, await self._looks(client, _OWN_LOOKS) if made.turn.ok else ())

    async def _looks(self, client: Client, count: int) -> tuple[TimedResult, ...]:
        """So many looks, one after the other, while anybody answers."""
        records: list[TimedResult] = []
        for _ in range(count):
            record = await self._visit(client, self.recipe.read)
            if record is None:
                break
            records.append(record)
            if record.turn.response is None:
                break
        return tuple(records)

    async def _visit(self, client: Client, steps: Sequence[Step]) -> TimedResult | None:
        """One visit; None if the budget is used up."""
        return await self._recorded(client.steps(steps))

    async def _recorded(self, asked: Awaitable[FlowResult]) -> TimedResult | None:
        at_s = self._now
        try:
            turn = await asked
        except Spent:
            return None
        return TimedResult(at_s, turn)

    def _client(self, target: Target, jar: Jar, budget: Budget) -> Client:
        return Client.of(self.context, target, jar, budget=budget)

    def _budget(self, requests: int) -> Budget:
        return Budget(requests, seconds_of(self.context.options))

    @property
    def _now(self) -> float:
        return asyncio.get_running_loop().time() - self._began


def _ip(answer: Answer) -> str:
    return answer.response.address.rpartition(":")[0].strip("[]")


def _pinned(target: Target, answer: Answer) -> Target:
    """The target at the address that answered: a name with several would lead elsewhere each time."""
    return target if target.address else replace(target, address=_ip(answer))
