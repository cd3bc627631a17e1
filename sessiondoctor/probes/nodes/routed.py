"""Nodes without a URL, reached through the balancer: it is shown the cookie or the route that it gave out for each."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from sessiondoctor.errors import Undeclared
from sessiondoctor.evidence.entry.visits import Visits
from sessiondoctor.evidence.nodes.replay import NodeVisit, Replay
from sessiondoctor.formats.jar import RawJar
from sessiondoctor.probes.browser.budget import Budget, Spent
from sessiondoctor.probes.browser.client import Client
from sessiondoctor.probes.browser.recipe import Recipe, read_state, recipe_of
from sessiondoctor.probes.browser.target import Target
from sessiondoctor.probes.browser.targets import REDIRECTED, entry
from sessiondoctor.probes.contract import Probe
from sessiondoctor.probes.nodes.matrix import Matrix, pairs_of
from sessiondoctor.probes.nodes.node_cookies import CookieGuide, NodeCookies
from sessiondoctor.probes.responses.cookie_reader import Reader

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sessiondoctor.context import Context, Options
    from sessiondoctor.evidence.nodes.replay import Cell
    from sessiondoctor.probes.browser.results import FlowResult
    from sessiondoctor.probes.responses.cookie_roles import Roles
    from sessiondoctor.topology.model import Topology
    from sessiondoctor.topology.steps import Step

_HINT = "add nodes with url, so that each can be asked directly"
_UNSEEN = "no node can be asked directly, and "
_MOST_NODES = 4
_ROUNDS = 8
_TOGETHER = 3  # fresh clients of one round
_QUIET = 2  # rounds in which nobody new was met, once as many were met as the visits saw
_TRIES = 3  # in a row, so that a balancer that takes turns is not taken for one that follows
_SECONDS = 60.0
_FEWEST_SECONDS = 5.0
_GATEWAY = {502, 503, 504}


def probe(topology: Topology, options: Options) -> Probe:
    """What is asked of the public entry where no node has a URL; it has the entry for itself, after the visits."""
    target = entry(topology)
    bound = bound_of(recipe_of(topology.site.flow))
    return Probe(
        evidence=Replay,
        subject="site",
        describe=f"sessions of up to {_MOST_NODES} nodes shown to the others, by the balancer's own cookie",
        contacts=dict.fromkeys(sorted({target.authority, *target.entry_points}), bound),
        ask=_ask,
        needs=(Visits,),
        holds=target.authority,
        timeout_s=_seconds(options, 0.0) + 2 * options.timeout_s,
    )


def bound_of(recipe: Recipe) -> int:
    """The most requests, redirects included."""
    make, look = recipe.write_requests, recipe.read_requests
    fresh = (_ROUNDS * _TOGETHER + _MOST_NODES * _TRIES) * make + (make + look)
    homes = _MOST_NODES * 2 * (make + look)
    return REDIRECTED * (fresh + homes + len(pairs_of(_MOST_NODES)) * (2 * make + 4 * look))


def _seconds(options: Options, passed_s: float) -> float:
    """How long requests may begin, when the visits before took so long."""
    return max(_FEWEST_SECONDS, min(_SECONDS, options.deadline_s - 3 * options.timeout_s - passed_s))


async def _ask(context: Context) -> Replay:
    visits: Visits = await context.need(Visits)
    if not visits.affinity_cookies:
        raise Undeclared(f"{_UNSEEN}the balancer sets no cookie by which it could be led to one", hint=_HINT)
    passed_s = max((exchange.at_s for trace in visits.returning for exchange in trace.exchanges), default=0.0)
    recipe = recipe_of(context.topology.site.flow)
    budget = Budget(bound_of(recipe), _seconds(context.options, passed_s))
    matrix = Matrix(context, recipe, Reader(context.topology, context.redactor))
    target = entry(context.topology).moved_to(visits.url)
    return await _Steering(matrix, target, budget, min(_MOST_NODES, len(visits.nodes))).replay()


@dataclass(frozen=True, slots=True)
class _Led:
    """A node behind the balancer; see `Access`.

    Attributes:
        shown: the Cookie header that leads there, before the client's own cookies.
        withheld: names of the cookies that this replaces.
        seed: what somebody new already holds: a session id that nobody knows, for the sake of its route.
        rewrites: puts the node's route into the session cookie of those it leads there.
    """

    steering: _Steering
    guide: CookieGuide
    way: NodeCookies
    shown: str = field(default="", repr=False)
    withheld: tuple[str, ...] = ()
    seed: RawJar = field(default_factory=RawJar, repr=False)
    rewrites: bool = False

    @property
    def name(self) -> str:
        return self.way.node

    @property
    def url(self) -> str:
        return self.steering.target.url

    def fresh(self) -> Client:
        return self.steering.client(self._target, self.seed.copy(), self.withheld)

    def lead(self, client: Client) -> Client:
        led = client.at(self._target, budget=self.steering.budget)
        if self.rewrites:
            led.jar = self.guide.rerouted(client.jar, self.way)
        return led

    def astray(self, turn: FlowResult) -> str:
        if turn.response is None:
            return turn.trouble
        others = (who for answer in turn.answers if (who := self.guide.who(answer)) not in {"", self.name})
        if other := next(others, ""):
            return f"the balancer sent it to {other}"
        return f"status {turn.status}, which may be the balancer's own" if turn.status in _GATEWAY else ""

    async def complete(self, visit: NodeVisit, _made: FlowResult, _roles: Roles) -> NodeVisit:
        return visit

    @property
    def _target(self) -> Target:
        target = self.steering.target
        shown = (("Cookie", self.shown),) if self.shown else ()
        return replace(target, headers=(*shown, *target.headers))


@dataclass(frozen=True, slots=True)
class _Steering:
    """One run: meet nodes, see whether the balancer can be led to them, then the matrix.

    Attributes:
        known: how many nodes earlier visits have met.
    """

    matrix: Matrix
    target: Target
    budget: Budget
    known: int

    async def replay(self) -> Replay:
        """The evidence.

        Raises:
            Undeclared: the balancer does not lead to two nodes.
            Unavailable: the declared flow does not work.
        """
        guide = await self._meet()
        ways = guide.ways[:_MOST_NODES]
        if len(ways) < 2:
            raise Undeclared(_UNSEEN + _why_alone(guide), hint=_HINT)
        nodes = await self._followed(guide, ways)
        seen = _answering(await self.matrix.replay(nodes))
        return replace(seen, cells=tuple(_believed(cell, seen, nodes[0]) for cell in seen.cells))

    def client(self, target: Target, jar: RawJar, withheld: tuple[str, ...] = ()) -> Client:
        """A visitor whose requests count."""
        context = self.matrix.context
        return Client.of(context, target, jar, budget=self.budget, withheld=withheld)

    async def _meet(self) -> CookieGuide:
        """Fresh clients, until every declared node was met, or nobody new for a while.

        A balancer that counts may owe one node many: Apache makes up for the requests of bound clients.
        """
        turns: list[FlowResult] = []
        guide, quiet = self._guide(turns), 0
        for _ in range(_ROUNDS):
            turns += [turn for turn in await asyncio.gather(*(self._fresh() for _ in range(_TOGETHER))) if turn]
            before, guide = guide.met, self._guide(turns)
            quiet = 0 if guide.met - before else quiet + 1
            if guide.knows_all or (quiet >= _QUIET and len(guide.met) >= self.known):
                break
        return guide

    @property
    def _first_steps(self) -> tuple[Step, ...]:
        """What somebody new does; to log in only to be led somewhere would be too much."""
        return () if self.matrix.recipe.login else self.matrix.recipe.write

    def _guide(self, turns: Sequence[FlowResult]) -> CookieGuide:
        return CookieGuide(self.matrix.context.topology, turns)

    async def _fresh(self) -> FlowResult | None:
        try:
            return await self.client(self.target, RawJar()).steps(self._first_steps)
        except Spent:
            return None

    async def _followed(self, guide: CookieGuide, ways: Sequence[NodeCookies]) -> tuple[_Led, ...]:
        """Those nodes to which the balancer can be led, in the first way that works."""
        for form in (self._by_cookie, self._by_first_of_two, self._by_route):
            nodes = [node for way in ways if (node := form(guide, way))]
            if form == self._by_first_of_two and not (nodes and await self._reads_both(nodes[0])):
                continue
            followed = tuple([node for node in nodes if await self._follows(node)])
            if len(followed) >= 2:
                return followed
        names = ", ".join(guide.steering_names)
        raise Undeclared(f"{_UNSEEN}the balancer does not follow {names} to two nodes", hint=_HINT)

    def _by_cookie(self, guide: CookieGuide, way: NodeCookies) -> _Led | None:
        """The affinity cookies that the node's clients were given, instead of any others."""
        names = tuple(name for name, _ in way.cookies)
        shown = "; ".join(f"{name}={value}" for name, value in way.cookies)
        return _Led(self, guide, way, shown=shown, withheld=names) if shown else None

    def _by_first_of_two(self, guide: CookieGuide, way: NodeCookies) -> _Led | None:
        """The route in a second session cookie before the client's own: its id stays as it is.

        Balancers (mod_proxy_balancer, mod_jk, nginx) read the first; Tomcat tries each id that it is sent.
        """
        if not way.has_suffix:
            return None
        return _Led(self, guide, way, shown=f"{guide.roles.session}={way.decoy()}")

    def _by_route(self, guide: CookieGuide, way: NodeCookies) -> _Led | None:
        """The route in the session cookie itself. HAProxy takes its prefix off again; a suffix changes the id."""
        if not way.session:
            return None
        return _Led(self, guide, way, seed=guide.seed(way), rewrites=True)

    async def _reads_both(self, node: _Led) -> bool:
        """Whether a session is found behind a cookie of its own name that leads nowhere."""
        client, recipe = node.fresh(), self.matrix.recipe
        try:
            made = await self.matrix.begin(client, node)
            if not made.ok or node.astray(made):
                return False
            looked = await client.steps(recipe.read)
        except Spent:
            return False
        if recipe.declared:
            return read_state(recipe, looked).state == "kept"
        return looked.response is not None and node.guide.roles.handed_out(looked.settings) is None

    async def _follows(self, node: _Led) -> bool:
        """Whether somebody new is led there each time."""
        try:
            for _ in range(_TRIES):
                if node.astray(await node.fresh().steps(self._first_steps)):
                    return False
        except Spent:
            return False
        return True


def _answering(seen: Replay) -> Replay:
    """Only those nodes that answered to the end: a node that could not be reached this way was not looked at."""
    visits = tuple(visit for visit in seen.visits if not visit.trouble)
    if len(visits) < 2:
        trouble = next((visit.trouble for visit in seen.visits), "the planned number of requests is used up")
        raise Undeclared(f"{_UNSEEN}fewer than two answered through the balancer: {trouble}", hint=_HINT)
    return replace(seen, nodes=tuple(visit.node for visit in visits), visits=visits, way="steered")


def _why_alone(guide: CookieGuide) -> str:
    if guide.unclear:
        return "who answers cannot be seen: the balancer's cookie differs with every client"
    if guide.ways:
        return f"only {guide.ways[0].node} was met through the balancer"
    return "no cookie stands for a node: its value differs with every client" if guide.met else "no client was bound"


def _believed(cell: Cell, seen: Replay, access: _Led) -> Cell:
    """A loss counts where only the node can have made it: not the proxies, and not the route in a changed id."""
    if cell.created_on == cell.read_on or cell.state not in {"lost", "error"}:
        return cell
    home = seen.cell(cell.created_on, cell.created_on)
    if home is None or home.state in ({"lost", "error", "unknown"} if seen.flow else {"lost", "error"}):
        return _doubted(cell, f"through the balancer, {cell.created_on} does not know its own session either")
    if access.rewrites and access.way.has_suffix:
        return _doubted(cell, f"to reach {cell.read_on}, the route in the id was changed; it may know the id as it was")
    return cell


def _doubted(cell: Cell, trouble: str) -> Cell:
    return replace(cell, state="unknown", trouble=trouble, seen=("unknown",))
