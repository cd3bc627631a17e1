"""Asks single nodes again and again, where a loss was seen: workers, late writes, bound addresses."""

from __future__ import annotations

import asyncio
from collections import Counter
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from sessiondoctor.errors import Unavailable
from sessiondoctor.evidence.entry.visits import Visits
from sessiondoctor.evidence.nodes.replay import CellState, Replay
from sessiondoctor.evidence.nodes.same_node import SameNode, Tried
from sessiondoctor.probes.browser.budget import Spent
from sessiondoctor.probes.browser.recipe import Recipe, read_state, recipe_of
from sessiondoctor.probes.browser.targets import REDIRECTED
from sessiondoctor.probes.contract import Absent, Probe
from sessiondoctor.probes.flows.visitors import Bounds, Callers, timeout_of
from sessiondoctor.probes.nodes.replay import asked, target

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sessiondoctor.context import Context, Options
    from sessiondoctor.formats.jar import Jar
    from sessiondoctor.probes.browser.client import Client
    from sessiondoctor.topology.model import Node, Topology

LATER_S: Final = 0.5
"""Seconds until a state that is not there at once is looked for again."""

_NODES = 4
_LOOKS = 5  # of two workers one answers all of them with a chance of 1 in 16
_TRIES = 5
_ADDRESSES = ("198.51.100.7", "198.51.100.8")  # RFC 5737: for documentation, nobody's
_FORWARDED = "X-Forwarded-For"


def plan(topology: Topology, options: Options) -> Iterator[Probe | Absent]:
    """One probe, if nodes can be asked and a flow says how."""
    nodes, recipe = asked(topology)[:_NODES], recipe_of(topology.site.flow)
    if not nodes or not recipe.declared:
        hint = "add nodes with url, and site.flow with write and read"
        yield Absent(SameNode, "site", "no node can be asked for the state of a session", hint)
        return
    yield Probe(
        evidence=SameNode,
        subject="site",
        describe=f"where a loss was seen, sessions of {len(nodes)} nodes read there again and again",
        contacts=bounds_of(topology).contacts(topology),
        ask=_ask,
        needs=(Visits, Replay),
        timeout_s=timeout_of(options),
    )


def bounds_of(topology: Topology) -> Bounds:
    """The most requests of all readings."""
    recipe, nodes = recipe_of(topology.site.flow), asked(topology)[:_NODES]
    write, read = recipe.write_requests, recipe.read_requests
    direct: Counter[str] = Counter()
    for node in nodes:
        direct[target(node).authority] += REDIRECTED * (write + _LOOKS * read)
    if nodes:
        once = _TRIES * (write + 2 * read) + write + 3 * read
        direct[target(nodes[0]).authority] += REDIRECTED * once
    return Bounds(0, direct)


async def _ask(context: Context) -> SameNode:
    if not await _is_called_for(context):
        return SameNode({})
    callers = Callers.within(bounds_of(context.topology), context)
    one = _Questions(callers, recipe_of(context.topology.site.flow))
    nodes = asked(context.topology)[:_NODES]
    looks = {node.name: await one.looks(node) for node in nodes}
    known = next((node for node in nodes if "kept" in looks[node.name]), nodes[0])
    tries = tuple([tried for _ in range(_TRIES) if (tried := await one.tried(known))])
    return await one.addresses(known, SameNode(looks, tries, known.name))


async def _is_called_for(context: Context) -> bool:
    """Whether state was lost anywhere."""
    try:
        visits: Visits = await context.need(Visits)
        if any(trace.lost for trace in visits.returning):
            return True
    except Unavailable:  # the nodes may tell
        pass
    try:
        replay: Replay = await context.need(Replay)
    except Unavailable:
        return False
    return any(cell.state == "lost" for cell in replay.answered)


@dataclass(frozen=True, slots=True)
class _Questions:
    """What a single node is asked."""

    callers: Callers
    recipe: Recipe

    async def looks(self, node: Node) -> tuple[CellState, ...]:
        """The states of one session in several readings, each with the cookies that it began with.

        At once: one worker process that is idle may answer all that come one after the other.
        """
        client = self.callers.at_node(node)
        try:
            made = await self.callers.begin(client, self.recipe, node.name)
            if not made.ok:
                return ()
            first = client.jar.copy()
            readers = (client.with_jar(first.copy()) for _ in range(_LOOKS))
            return tuple(await asyncio.gather(*(self._state(reader, first) for reader in readers)))
        except Spent:
            return ()

    async def tried(self, node: Node) -> Tried | None:
        """One more session, written and read over one connection; None if the write fails or may not be repeated."""
        if self.recipe.login:
            return None
        async with self.callers.context.wire.connection() as connection:
            client = self.callers.at_node(node)
            client.connection = connection
            try:
                if not (await client.steps(self.recipe.write)).ok:
                    return None
                first = client.jar.copy()
                at_once = await self._state(client, first)
                if at_once != "lost":
                    return Tried(at_once)
                await asyncio.sleep(LATER_S)
                return Tried(at_once, await self._state(client, first))
            except Spent:
                return None

    async def addresses(self, node: Node, seen: SameNode) -> SameNode:
        """A session of one forwarded address, read for the same and for another one."""
        here, there = (self.callers.at_node(_said_from(node, address)) for address in _ADDRESSES)
        try:
            if not (await self.callers.begin(here, self.recipe, node.name)).ok:
                return seen
            first = here.jar.copy()
            there.values = here.values
            return replace(
                seen,
                same_address=await self._state(here, first),
                other_address=await self._state(there, first),
                same_again=await self._state(here, first),
            )
        except Spent:
            return seen

    async def _state(self, client: Client, jar: Jar) -> CellState:
        client.jar = jar.copy()
        reading = read_state(self.recipe, await client.steps(self.recipe.read))
        return "lost" if reading.doubtful else "error" if reading.trouble else reading.state


def _said_from(node: Node, address: str) -> Node:
    """The node, for a client whose proxy says that it has this address."""
    headers = {name: value for name, value in node.headers.items() if name.lower() != _FORWARDED.lower()}
    return replace(node, headers={**headers, _FORWARDED: address})
