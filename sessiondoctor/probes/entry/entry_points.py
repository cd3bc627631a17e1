"""Sessions made through the home entry point, and looked at through every other way into the site."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from sessiondoctor.evidence.entry.entry_points import EntryPoints, EntryPointTest
from sessiondoctor.evidence.entry.visits import Exchange
from sessiondoctor.evidence.flows.rehearsal import Rehearsal
from sessiondoctor.probes.browser.recipe import read_state, recipe_of
from sessiondoctor.probes.browser.targets import entry
from sessiondoctor.probes.contract import Absent, Probe
from sessiondoctor.probes.entry.entry_point_list import MOST_ADDRESSES, known_addresses, shown, ways_of
from sessiondoctor.probes.entry.entry_point_visits import (
    Crossings,
    Entered,
    EntryTrace,
    answers_of,
    door_bound,
    home_bound,
    seconds_of,
    settings_of,
    stay_bound,
)
from sessiondoctor.probes.responses.cookie_roles import Roles, roles_of
from sessiondoctor.probes.responses.interpreter import Interpreter, TimedResult, steady_kinds
from sessiondoctor.probes.responses.node_naming import Namer

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from sessiondoctor.context import Context, Options
    from sessiondoctor.topology.model import Topology

_QUERIES = 4  # of one resolver: A and AAAA, each once again if a packet is lost
_NO_TIME = "the time did not suffice"
_UNPROVEN = "a session that was made there is not seen there either"
_HINT = "declare site.urls, site.sources, a balancer's url, or a name with several addresses"


def plan(topology: Topology, options: Options) -> Iterator[Probe | Absent]:
    """One probe for all entry points. How many addresses a name has may only be known later: the bound is for many."""
    known = ways_of(topology, entry(topology), ())
    more = _more_addresses(topology)
    if not known and not more:
        yield Absent(EntryPoints, "site", "the site has one entry point", _HINT)
        return
    names = [way.entry_point.name for way in known]
    names += [f"up to {more} more addresses of its name"] if more else []
    yield Probe(
        evidence=EntryPoints,
        subject="site",
        describe=f"sessions of {entry(topology).authority} through other entry points: {', '.join(names)}",
        contacts=_contacts(topology, more),
        ask=_ask,
        needs=(Rehearsal,),
        timeout_s=2 * seconds_of(options) + 4 * options.timeout_s,
    )


def _more_addresses(topology: Topology) -> int:
    """How many addresses the site's host may have besides the one that is reached first."""
    known = known_addresses(topology)
    return MOST_ADDRESSES - 1 if known is None else min(len(set(known)), MOST_ADDRESSES) - 1


def _contacts(topology: Topology, more: int) -> Mapping[str, int]:
    home, recipe = entry(topology), recipe_of(topology.site.flow)
    at_home, ways = {home.authority, *home.entry_points}, ways_of(topology, home, ())
    contacts: Counter[str] = Counter()
    entry_tests = (len(ways) + more) * home_bound(recipe) + more * door_bound(recipe, "address")
    contacts.update(dict.fromkeys(at_home, stay_bound(recipe, home) + entry_tests))
    for way in ways:
        contacts.update(dict.fromkeys(way.contacts, door_bound(recipe, way.entry_point.kind)))
    if known_addresses(topology) is None:
        contacts.update(dict.fromkeys(topology.dns.resolvers, _QUERIES))
    return dict(sorted(contacts.items()))


async def _ask(context: Context) -> EntryPoints:
    entry_tests = Crossings(context)
    ways = await entry_tests.ways()
    if not ways:
        return EntryPoints(shown(entry_tests.home.url), (), entry_tests.home.address, flow=entry_tests.recipe.declared)
    crossed = await entry_tests.cross(ways)
    interpreter = _interpreter(entry_tests, crossed)
    stayed = map(interpreter.look, crossed.stayed.looks)
    return EntryPoints(
        home=shown(crossed.home.url),
        entry_tests=tuple(_Report(interpreter, trip).entry_test() for trip in crossed.trips),
        home_address=crossed.home.address,
        home_lost=any(exchange.state == "lost" for exchange in stayed),
        flow=entry_tests.recipe.declared,
    )


def _interpreter(entry_tests: Crossings, crossed: Entered) -> Interpreter:
    topology, recipe = entry_tests.context.topology, entry_tests.recipe
    roles = _roles(topology, crossed)
    looks = [*crossed.stayed.looks, *(record for trip in crossed.trips for record in (*trip.there, *trip.back))]
    return Interpreter(
        recipe=recipe,
        roles=roles,
        namer=Namer(topology, roles, crossed.answers),
        reader=entry_tests.reader,
        works=any(read_state(recipe, look.turn).state == "kept" for look in looks),
        steady=steady_kinds(crossed.answers, roles),
    )


def _roles(topology: Topology, crossed: Entered) -> Roles:
    """The session cookie is that of the home entry point; whatever keeps clients on a node may be set at any."""
    home = roles_of(settings_of(crossed.browsing), topology)
    everywhere = roles_of(settings_of(crossed.answers), topology)
    affinity = tuple(pair for pair in everywhere.affinity if pair[0] != home.session)
    return replace(home, affinity=affinity)


@dataclass(frozen=True, slots=True)
class _Report:
    """From the records of one entry point test to evidence."""

    interpreter: Interpreter
    trip: EntryTrace

    def entry_test(self) -> EntryPointTest:
        """The evidence."""
        trip, made = self.trip, self._made()
        return EntryPointTest(
            entry_point=trip.way.entry_point,
            made=made,
            there=self._looks(trip.there),
            raw_there=self._looks(trip.raw),
            back=tuple(map(self.interpreter.look, trip.back)),
            withheld=trip.withheld,
            leads_to=trip.leads_to,
            session_cookies=self._session_cookies(),
            trouble=self._trouble(made),
        )

    def _made(self) -> Exchange:
        return self.interpreter.first(self.trip.made) if self.trip.made else Exchange(0.0, trouble=_NO_TIME)

    def _trouble(self, made: Exchange) -> str:
        if made.trouble:
            return f"no session was made for it: {made.trouble}"
        return self.trip.new_client.turn.trouble if self.trip.new_client else _NO_TIME

    def _looks(self, records: Sequence[TimedResult]) -> tuple[Exchange, ...]:
        """What is missed is only lost where the flow is known to work through this entry point."""
        judge = replace(self.interpreter, works=self.interpreter.works and not self.trip.way.exposed)
        exchanges, doubt = tuple(map(judge.look, records)), self._doubt()
        if not doubt:
            return exchanges
        return tuple(
            replace(exchange, state="unknown", trouble=doubt) if exchange.state == "lost" else exchange
            for exchange in exchanges
        )

    def _doubt(self) -> str:
        """Why a loss through this entry point would say nothing: a session that is made there cannot be seen there."""
        own, recipe = self.trip.own, self.interpreter.recipe
        if own is None or not recipe.declared:
            return ""
        if not own.made.turn.ok:
            return f"no session can be made there: {own.made.turn.trouble}"
        return "" if any(read_state(recipe, look.turn).state == "kept" for look in own.looks) else _UNPROVEN

    def _session_cookies(self) -> tuple[str, ...]:
        """What a new client is handed there, at first or when it makes a session."""
        visits = (self.trip.new_client, self.trip.own.made if self.trip.own else None)
        names = (self._handed(one) for one in visits if one)
        return tuple(dict.fromkeys(name for name in names if name))

    def _handed(self, visit: TimedResult) -> str:
        """The name of the session cookie that a visit was handed: the declared one, else one that looks like it."""
        settings = settings_of(answers_of([visit]))
        topology = self.interpreter.reader.topology
        undeclared = replace(topology, site=replace(topology.site, session_cookie=""))
        for roles in (roles_of(settings, topology), roles_of(settings, undeclared)):
            setting = roles.handed_out(settings)
            if setting and not setting.deletes:
                return setting.cookie.name
        return ""
