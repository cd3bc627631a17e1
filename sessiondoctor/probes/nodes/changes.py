"""Sessions changed on one node, read on another at several times, changed there, and read where they came from."""

from __future__ import annotations

import asyncio
import secrets
import time
from collections import Counter
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from sessiondoctor.errors import Unavailable
from sessiondoctor.evidence.nodes.changes import Arrival, Changed, Changes, Look
from sessiondoctor.evidence.nodes.replay import CellState, Replay
from sessiondoctor.probes.browser.budget import Spent
from sessiondoctor.probes.browser.recipe import Recipe, read_state, recipe_of
from sessiondoctor.probes.browser.targets import REDIRECTED
from sessiondoctor.probes.contract import Absent, Probe
from sessiondoctor.probes.flows.visitors import Bounds, Callers, timeout_of
from sessiondoctor.probes.nodes.matrix import id_fate
from sessiondoctor.probes.nodes.node_cookies import scrambled
from sessiondoctor.probes.nodes.replay import asked, target
from sessiondoctor.probes.responses.cookie_roles import Roles, roles_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sessiondoctor.context import Context, Options
    from sessiondoctor.probes.browser.client import Client
    from sessiondoctor.probes.browser.results import FlowResult
    from sessiondoctor.topology.model import Node, Topology

TURN: Final = 3
"""After all that read what they wrote into a session that is logged in: there are few, and this changes them."""

DELAYS_S: Final = (0.0, 0.05, 0.15, 0.5, 1.5)
"""When a change is looked for, in seconds after the write."""

_NODES = 3
_HINT = "add two nodes with url, and site.flow with write and read"


def plan(topology: Topology, options: Options) -> Iterator[Probe | Absent]:
    """One probe, if two nodes may be asked that are meant to share sessions, and a flow says how."""
    recipe, pairs = recipe_of(topology.site.flow), pairs_of(topology)
    if not pairs or not (recipe.declared and recipe.write):
        yield Absent(Changes, "site", "no session can be changed on one node and read on another", _HINT)
    elif topology.mode() in {"sticky", "client-side"}:
        yield Absent(Changes, "site", f"nodes share no sessions in mode {topology.mode()}", "")
    else:
        yield Probe(
            evidence=Changes,
            subject="site",
            describe=f"sessions changed on {_nodes(topology)} nodes in turn, and followed",
            contacts=bounds_of(topology).contacts(topology),
            ask=_ask,
            needs=(Replay,),
            turn=TURN,
            timeout_s=timeout_of(options),
        )


def pairs_of(topology: Topology) -> tuple[tuple[Node, Node], ...]:
    """The nodes that are asked in a ring, each with the next; the first few of many."""
    nodes = asked(topology)[:_NODES]
    return tuple(zip(nodes, (*nodes[1:], nodes[0]), strict=True)) if len(nodes) > 1 else ()


def bounds_of(topology: Topology) -> Bounds:
    """The most requests of all sessions."""
    recipe, direct = recipe_of(topology.site.flow), Counter[str]()
    write, read, looks = len(recipe.write), recipe.read_requests, len(DELAYS_S)
    for made_on, read_on in pairs_of(topology):
        direct[target(made_on).authority] += REDIRECTED * ((2 + looks) * write + (2 + looks) * read)
        direct[target(read_on).authority] += REDIRECTED * (2 * write + (2 * looks + 2) * read)
    return Bounds(0, direct)


def _nodes(topology: Topology) -> int:
    return min(_NODES, len(asked(topology)))


async def _ask(context: Context) -> Changes:
    replay: Replay = await context.need(Replay)
    topology = context.topology
    follow = _Sessions(Callers.within(bounds_of(topology), context), recipe_of(topology.site.flow))
    pairs = [pair for pair in pairs_of(topology) if all(_answers(replay, node) for node in pair)]
    if not pairs:
        raise Unavailable("fewer than two nodes answer")
    changed = [await follow.changed(*pair) for pair in pairs]
    found = tuple(one for one in changed if one)
    adopts = {node.name: told for _, node in pairs if (told := await follow.adopts(node)) is not None}
    late = topology.mode() == "replicated" or any(cell.state == "lost" for cell in replay.other)
    asks = pairs if late and not follow.recipe.login else []
    arrivals = [one for pair in asks for one in await follow.arrivals(*pair)]
    return Changes(found, tuple(arrivals), adopts)


def _answers(replay: Replay, node: Node) -> bool:
    visit = replay.visit(node.name)
    return visit is not None and not visit.refused and not visit.trouble


@dataclass(frozen=True, slots=True)
class _Sessions:
    """Makes sessions, changes them and looks at them."""

    callers: Callers
    recipe: Recipe

    async def changed(self, made_on: Node, read_on: Node) -> Changed | None:
        """One session, changed on both nodes in turn; None if it cannot be made or changed."""
        client = self.callers.at_node(made_on)
        found = Changed(made_on.name, read_on.name)
        try:
            made = await self.callers.begin(client, self.recipe, made_on.name)
            if not made.ok:
                return None
            roles, first = roles_of(made.settings, self.callers.context.topology), client.values["marker"]
            if not (await self._write(client)).ok:
                return None
            found = replace(found, home=await self._state(client))
            if found.home == "kept":
                found = replace(found, looks=await self._looks(client, read_on, time.monotonic()))
            return await self._and_back(found, client, (made_on, read_on), roles, first)
        except Spent:
            return found

    async def _and_back(
        self, found: Changed, client: Client, nodes: tuple[Node, Node], roles: Roles, first: str
    ) -> Changed:
        """What the other node has instead, where it lacks the change; then its own change, there and here."""
        made_on, read_on = nodes
        if not found.arrived:
            older = self._guest(client, read_on)
            older.values = {**older.values, "marker": first}
            found = replace(found, first=await self._state(older))
        guest, before = self._guest(client, read_on), client.jar.copy()
        written = await self._write(guest)
        found = replace(found, fate=id_fate(written, before, roles, roles))
        if not written.ok:
            return found
        found = replace(found, third=await self._state(guest))
        if found.third != "kept":
            return found
        found = replace(found, returned=await self._looks(guest, made_on, time.monotonic()))
        if any(look.state == "kept" for look in found.returned):
            return found
        mine = self._guest(guest, made_on)
        mine.values = {**mine.values, "marker": client.values["marker"]}
        return replace(found, own=await self._state(mine))

    async def arrivals(self, made_on: Node, read_on: Node) -> tuple[Arrival, ...]:
        """Fresh sessions, each looked at once, so that no look disturbs another."""
        found = await asyncio.gather(*(self._arrival(made_on, read_on, delay) for delay in DELAYS_S))
        return tuple(Arrival(made_on.name, read_on.name, look) for look in found if look)

    async def _arrival(self, made_on: Node, read_on: Node, delay: float) -> Look | None:
        client = self.callers.at_node(made_on)
        try:
            if not (await client.steps(self.recipe.write)).ok:
                return None
            written = time.monotonic()
            await asyncio.sleep(delay)
            began = time.monotonic() - written
            return Look(began, await self._state(self._guest(client, read_on)))
        except Spent:
            return None

    async def adopts(self, node: Node) -> bool | None:
        """Whether a node goes on with an id of the right shape that nobody handed out; None if that does not show."""
        client = self.callers.at_node(node)
        if self.recipe.login:
            return None
        try:
            made = await client.steps(self.recipe.write)
            roles = roles_of(made.settings, self.callers.context.topology)
            held = [one for one in client.jar.all() if one.name == roles.session]
            if not made.ok or not held:
                return None
            invented = client.with_jar(client.jar.with_cookies(replace(one, value=_other(one.value)) for one in held))
            before = invented.jar.copy()
            fate = id_fate(await invented.steps(self.recipe.write), before, roles, roles)
        except Spent:
            return None
        return None if fate == "unknown" else fate in {"same", "rewritten"}

    async def _looks(self, client: Client, node: Node, written: float) -> tuple[Look, ...]:
        """Looks at a node with the cookies as they are now, until one finds what was written."""
        looks: list[Look] = []
        for delay in DELAYS_S:
            await asyncio.sleep(max(0.0, written + delay - time.monotonic()))
            began = time.monotonic() - written
            looks.append(Look(began, await self._state(self._guest(client, node))))
            if looks[-1].state == "kept":
                break
        return tuple(looks)

    def _guest(self, client: Client, node: Node) -> Client:
        return self.callers.shown_to(node, client.jar.copy(), client)

    async def _write(self, client: Client) -> FlowResult:
        """Another change, told from the one before by a marker of its own."""
        client.values = {**client.values, "marker": f"sd{secrets.token_hex(8)}"}
        return await client.steps(self.recipe.write)

    async def _state(self, client: Client) -> CellState:
        reading = read_state(self.recipe, await client.steps(self.recipe.read))
        return "lost" if reading.doubtful else "error" if reading.trouble else reading.state


def _other(value: str) -> str:
    """Another value of the same shape; what stands behind the last dot, a route, stays."""
    head, dot, route = value.rpartition(".")
    return f"{scrambled(head)}{dot}{route}" if dot else scrambled(value)
