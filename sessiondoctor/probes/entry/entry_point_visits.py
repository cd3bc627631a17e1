"""Visits that cross between the ways into a site: what is sent, by whom, in which order, and at most how often."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from sessiondoctor.errors import Unavailable, Unreachable
from sessiondoctor.formats.jar import Jar, RawJar, StoredCookie, why_not_sent
from sessiondoctor.probes.browser.client import Answer, Budget, Client, Spent, Target
from sessiondoctor.probes.browser.recipe import read_state, recipe_of
from sessiondoctor.probes.entry.entry_point_list import Way, look_up, other_addresses, ways_of
from sessiondoctor.probes.entry.visit_runner import entry
from sessiondoctor.probes.responses.cookie_reader import Reader
from sessiondoctor.probes.responses.cookie_roles import roles_of
from sessiondoctor.probes.responses.interpreter import Record, Track
from sessiondoctor.wire.address import below, place, split_url
from sessiondoctor.wire.message import Request
from sessiondoctor.wire.redirect import redirected_to

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sessiondoctor.context import Context, Options
    from sessiondoctor.evidence.entry.entry_points import DoorKind
    from sessiondoctor.probes.browser.client import Setting
    from sessiondoctor.probes.browser.recipe import Recipe
    from sessiondoctor.topology.model import Step

_LOOKS = 3
_RAW_LOOKS = 2
_BACK_LOOKS = 2
_OWN_LOOKS = 2
_OF_COOKIES: set[DoorKind] = {"url", "scheme", "balancer"}  # where a browser may withhold some
_REDIRECTED = 2  # each visit may be redirected once; the budget bounds them all together
_SECONDS = 20.0
_FEWEST_SECONDS = 3.0


def home_bound(recipe: Recipe) -> int:
    """The most requests through the home door for one crossing."""
    return _REDIRECTED * (recipe.make_requests + _BACK_LOOKS * recipe.look_requests)


def door_bound(recipe: Recipe, kind: DoorKind) -> int:
    """The most requests through the other door of one crossing."""
    looks = _LOOKS + (_RAW_LOOKS if kind in _OF_COOKIES else 0)
    proof = recipe.make_requests + _OWN_LOOKS * recipe.look_requests if recipe.declared and kind != "source" else 0
    return _REDIRECTED * (1 + looks * recipe.look_requests + proof)


def stay_bound(recipe: Recipe, home: Target) -> int:
    """The most requests of whoever lands, and of the client that uses the home door only."""
    visits = recipe.make_requests + (_LOOKS + _BACK_LOOKS) * recipe.look_requests
    return 1 + home.hops + _REDIRECTED * visits


def seconds_of(options: Options) -> float:
    """How long visits may begin."""
    return max(_FEWEST_SECONDS, min(_SECONDS, options.deadline_s / 3 - options.timeout_s))


@dataclass(frozen=True, slots=True)
class Trip:
    """All that was recorded of one crossing.

    Attributes:
        made: None if the time did not suffice for it.
        stranger: the first visit through the door, without cookies; None if nothing was made at home.
        own: a session that was made there and looked at there, which shows whether the flow works there at all; None
            where that is known anyhow.
    """

    way: Way
    made: Record | None
    stranger: Record | None = None
    there: tuple[Record, ...] = ()
    raw: tuple[Record, ...] = ()
    own: Track | None = None
    back: tuple[Record, ...] = ()
    withheld: str = ""
    leads_to: str = ""

    @property
    def at_home(self) -> tuple[Record, ...]:
        """What a browser met at home."""
        return (*((self.made,) if self.made else ()), *self.back)

    @property
    def records(self) -> tuple[Record, ...]:
        """All visits."""
        own = self.own.records if self.own else ()
        return (*self.at_home, *((self.stranger,) if self.stranger else ()), *self.there, *self.raw, *own)


@dataclass(frozen=True, slots=True)
class Crossed:
    """All that was recorded."""

    home: Target
    landing: tuple[Answer, ...]
    stayed: Track
    trips: tuple[Trip, ...]

    @property
    def browsing(self) -> tuple[Answer, ...]:
        """The responses at the home door, which say what is a session there."""
        records = (*self.stayed.records, *(record for trip in self.trips for record in trip.at_home))
        return (*self.landing, *answers_of(records))

    @property
    def answers(self) -> tuple[Answer, ...]:
        """All responses."""
        others = (record for trip in self.trips for record in trip.records)
        return (*self.landing, *self.stayed.answers, *answers_of(others))


def answers_of(records: Iterable[Record]) -> tuple[Answer, ...]:
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
        self.reader = Reader(topology, self.context.vault)
        self.recipe = recipe_of(topology.site.flow)
        self.home = entry(topology)
        self._landing: tuple[Answer, ...] = ()
        self._stay = self._budget(stay_bound(self.recipe, self.home))
        self._began = asyncio.get_running_loop().time()

    async def ways(self) -> tuple[Way, ...]:
        """Land at the home door, if there may be others; returns these.

        Raises:
            Unavailable: nobody answers at the home door, or its name could not be looked up and no other is declared.
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

    async def cross(self, ways: Sequence[Way]) -> Crossed:
        """One client that stays, and one for each door, all together.

        Raises:
            Unavailable: no session can be made through the home door.
        """
        stayer = self._client(self.home, Jar(), self._stay)
        made = await self._made(stayer)
        looks, trips = await asyncio.gather(
            self._looks(stayer, _LOOKS + _BACK_LOOKS), asyncio.gather(*(self._trip(way) for way in ways))
        )
        return Crossed(self.home, self._landing, Track(made, looks), tuple(trips))

    async def _land(self) -> tuple[Answer, ...]:
        """Open the URL as a user does; what comes after goes to where that led."""
        answers = await self._client(self.home, Jar(), self._stay).fetch(Request(self.home.url))
        self.reader.hide(settings_of(answers))
        if len(answers) > self.home.hops and redirected_to(answers[-1].response):
            reason = f"{self.home.authority}: more than {self.home.hops} redirects in a row"
            raise Unreachable(reason, trouble="redirects")
        return answers

    async def _made(self, client: Client) -> Record:
        """The first session.

        Raises:
            Unavailable: it cannot be made.
        """
        made = await self._visit(client, self.recipe.make)
        if made is None or not made.turn.ok:
            why = made.turn.trouble if made else "the time does not suffice"
            raise Unavailable(f"no session can be made: {why}", hint="correct site.flow: its login and write must work")
        return made

    async def _trip(self, way: Way) -> Trip:
        at_home = self._client(self.home, Jar(), self._budget(home_bound(self.recipe)))
        made = await self._visit(at_home, self.recipe.make)
        if made is None or not made.turn.ok:
            return Trip(way, made)
        budget = self._budget(door_bound(self.recipe, way.door.kind))
        stranger = await self._visit(self._client(way.target, Jar(), budget), ())
        leads_to, away = self._leads(way, stranger)
        trip = Trip(way, made, stranger, leads_to=leads_to)
        if stranger is None or stranger.turn.response is None or away:
            return trip
        way = replace(way, target=_pinned(way.target, stranger.turn.answers[-1]))
        return await self._through(replace(trip, way=way), made, at_home, budget)

    async def _through(self, trip: Trip, made: Record, at_home: Client, budget: Budget) -> Trip:
        """The session looked at through the door, and at home again."""
        target, cookies = trip.way.target, at_home.jar.all()
        visitor = at_home.at(target, budget=budget)
        withheld = self._withheld(target, made, cookies)
        there = await self._looks(visitor, _LOOKS)
        raw: tuple[Record, ...] = ()
        if withheld and not trip.way.exposed:
            raw = await self._looks(visitor.with_jar(RawJar(cookies)), _RAW_LOOKS)
        own = await self._own(trip.way, budget) if self._is_doubtful(trip.way, (*there, *raw)) else None
        back = await self._looks(at_home, _BACK_LOOKS)
        return replace(trip, there=there, raw=raw, own=own, back=back, withheld=withheld)

    def _leads(self, way: Way, stranger: Record | None) -> tuple[str, bool]:
        """Where the door redirects strangers to, and whether that is out of its reach; the home door does it likewise.

        A redirect to another host is as far as a client follows: what is behind it has a door of its own.
        """
        if stranger is None or stranger.turn.response is None:
            return "", False
        response = stranger.turn.response
        onward = redirected_to(response)
        last = onward or response.url
        if split_url(last).origin == split_url(way.target.url).origin:
            return "", False
        at_home = redirected_to(self._landing[-1].response)
        away = bool(onward) and not (at_home and place(at_home) == place(onward))
        origin = split_url(last).origin
        return f"{origin.scheme}://{origin.authority}", away

    def _withheld(self, target: Target, made: Record, cookies: Sequence[StoredCookie]) -> str:
        """Why a browser does not send the session cookie through a door; empty if it does, or holds none."""
        settings = settings_of((*self._landing, *made.turn.answers))
        roles = roles_of(settings, self.context.topology)
        path = self.recipe.look[-1].path if self.recipe.look else ""
        url = target.seen(below(target.url, path) if path else target.url)
        session = [cookie for cookie in cookies if roles.role_of(cookie.name) == "session"]
        reasons = [why_not_sent(cookie, url, url, time.time()) for cookie in session]
        return "" if "" in reasons else next(iter(reasons), "")

    def _is_doubtful(self, way: Way, records: Sequence[Record]) -> bool:
        """Whether the state was missed, and nothing shows that the flow works through this door."""
        if way.door.kind == "source" or way.exposed:
            return False
        readings = [read_state(self.recipe, record.turn) for record in records]
        missed = any(reading.state == "lost" or reading.doubtful for reading in readings)
        return missed and not any(reading.state == "kept" for reading in readings)

    async def _own(self, way: Way, budget: Budget) -> Track | None:
        """A session that is made through the door."""
        client = self._client(way.target, RawJar(), budget)
        made = await self._visit(client, self.recipe.make)
        if made is None:
            return None
        return Track(made, await self._looks(client, _OWN_LOOKS) if made.turn.ok else ())

    async def _looks(self, client: Client, count: int) -> tuple[Record, ...]:
        """So many looks, one after the other, while anybody answers."""
        records: list[Record] = []
        for _ in range(count):
            record = await self._visit(client, self.recipe.look)
            if record is None:
                break
            records.append(record)
            if record.turn.response is None:
                break
        return tuple(records)

    async def _visit(self, client: Client, steps: Sequence[Step]) -> Record | None:
        """One visit; None if the budget is used up."""
        at_s = self._now
        try:
            turn = await client.steps(steps)
        except Spent:
            return None
        self.reader.hide(settings_of(turn.answers))
        for name, value in client.values.items():
            if name != "marker":
                self.context.vault.hide(value)
        return Record(at_s, turn)

    def _client(self, target: Target, jar: Jar, budget: Budget) -> Client:
        return Client(self.context.wire, target, jar, budget=budget)

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
