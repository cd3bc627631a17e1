"""Shows the public entry sessions that nodes have made when they were asked directly, where a loss was seen.

In them the node that knows a session is known, though no answer names one: found never, the cookies do not get through;
found now and then, the entry leads anywhere; found always, the nodes share them.
"""

from __future__ import annotations

import time
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from sessiondoctor.errors import Unavailable
from sessiondoctor.evidence.entry.visits import Visits
from sessiondoctor.evidence.nodes.entry_replay import EntryReplay, Shown
from sessiondoctor.evidence.nodes.replay import CellState, Replay
from sessiondoctor.formats.jar import Jar, RawJar
from sessiondoctor.probes.browser.budget import Spent
from sessiondoctor.probes.browser.recipe import Recipe, read_state, recipe_of
from sessiondoctor.probes.browser.target import Target
from sessiondoctor.probes.browser.targets import REDIRECTED, entry
from sessiondoctor.probes.contract import Absent, Probe
from sessiondoctor.probes.flows.visitors import Bounds, Callers, landings, timeout_of
from sessiondoctor.probes.nodes.replay import asked, target
from sessiondoctor.wire.address import below

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sessiondoctor.context import Context, Options
    from sessiondoctor.probes.browser.client import Client
    from sessiondoctor.probes.browser.results import FlowResult
    from sessiondoctor.topology.model import Node, Topology

ALONE: Final = 4
BOUND: Final = 5
_NODES = 3
_OUT_OF_STEP = 2  # looks until somebody else comes: a balancer that takes turns, and answers with redirects, is shifted
_STRAYS = 2


def plan(topology: Topology, options: Options) -> Iterator[Probe | Absent]:
    """One probe, if nodes can be asked and a flow says how; it has the entry for itself."""
    nodes, recipe = asked(topology)[:_NODES], recipe_of(topology.site.flow)
    if not nodes or not recipe.declared:
        hint = "add nodes with url, and site.flow with write and read"
        yield Absent(EntryReplay, "site", "no node can be asked for a session to show to the site", hint)
        return
    yield Probe(
        evidence=EntryReplay,
        subject="site",
        describe=f"where a loss was seen, sessions of {len(nodes)} nodes read through the site",
        contacts=bounds_of(topology).contacts(topology),
        ask=_ask,
        needs=(Visits, Replay),
        holds=entry(topology).authority,
        timeout_s=timeout_of(options),
    )


def bounds_of(topology: Topology) -> Bounds:
    """The most requests, redirects included."""
    recipe, nodes = recipe_of(topology.site.flow), asked(topology)[:_NODES]
    write, read = recipe.write_requests, recipe.read_requests
    direct: Counter[str] = Counter()
    for node in nodes:
        direct[target(node).authority] += REDIRECTED * (write + read)
    once = REDIRECTED * (ALONE + BOUND) * read + _STRAYS
    return Bounds(landings(topology, 1) + len(nodes) * once, direct)


async def _ask(context: Context) -> EntryReplay:
    if not await _is_called_for(context):
        return EntryReplay()
    callers = Callers.within(bounds_of(context.topology), context)
    landed, turn = await callers.landed()
    if turn.response is None:
        raise Unavailable(f"the site gives no page: {turn.trouble}")
    nodes = asked(context.topology)
    shower = _Shower(callers, recipe_of(context.topology.site.flow), landed.target)
    shown = [one for node in nodes[:_NODES] if (one := await shower.shown(node))]
    return EntryReplay(tuple(shown), len(nodes))


async def _is_called_for(context: Context) -> bool:
    """Whether the site lost what nodes keep: a state was seen to be lost, or nobody ever saw one there."""
    replay: Replay = await context.need(Replay)
    if not any(cell.state == "kept" for cell in replay.own):
        return False
    visits: Visits = await context.need(Visits)
    looks = [exchange.state for trace in visits.returning for exchange in trace.exchanges[1:]]
    return "lost" in looks or "kept" not in looks


@dataclass(frozen=True, slots=True)
class _Shower:
    """What the entry is shown."""

    callers: Callers
    recipe: Recipe
    entry: Target

    async def shown(self, node: Node) -> Shown | None:
        """A session of a node, read at the entry by clients that begin with it; None if it cannot be made."""
        client = self.callers.at_node(node)
        try:
            made = await self.callers.begin(client, self.recipe, node.name)
            if not made.ok:
                return None
            first = client.jar.copy()
            alone = await self._looks(client, first, ALONE, kept=False)
            bound = await self._looks(client, first, BOUND, kept=True)
            home = self.callers.sent_on(client.with_jar(first.copy()), node)
            return Shown(node.name, alone, bound, self._state(await home.steps(self.recipe.read)))
        except Spent:
            return None

    async def _looks(self, client: Client, first: Jar, count: int, *, kept: bool) -> tuple[CellState, ...]:
        """The states in so many looks in a row, each with the session's first cookies.

        If `kept`, also with those cookies of other names that a browser would send back by then.
        """
        browser, names = Jar(), {cookie.name for cookie in first.all()}
        states = []
        for number in range(1, count + 1):
            guest = self._guest(client, first, browser)
            turn = await guest.steps(self.recipe.read)
            states.append(self._state(turn))
            if kept:
                _keep(browser, turn, names)
            if number == _OUT_OF_STEP:
                await self.callers.passing().open()
        return tuple(states)

    def _guest(self, client: Client, first: Jar, browser: Jar) -> Client:
        """The node's client at the entry."""
        step = self.recipe.read[0]
        url = self.entry.seen(below(self.entry.url, step.path))
        cookies = (*first.all(), *browser.cookies_for(url, time.time()))
        guest = client.with_jar(RawJar(cookies)).at(self.entry, budget=self.callers.entry_budget)
        guest.values = dict(client.values)
        return guest

    def _state(self, turn: FlowResult) -> CellState:
        """What a look shows; looking works, for the session's own node has been seen to know sessions."""
        reading = read_state(self.recipe, turn).settled(works=True)
        return "error" if reading.trouble and not reading.doubtful and reading.state == "unknown" else reading.state


def _keep(browser: Jar, turn: FlowResult, names: set[str]) -> None:
    """Store what was set besides the session, as a browser would."""
    for setting in turn.settings:
        if setting.carrier == "cookie" and setting.cookie.name not in names:
            browser.store(setting.cookie, setting.url, setting.at)
