"""The replay matrix of nodes that are asked directly; where none can be, the balancer is made to lead to each."""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from sessiondoctor.evidence.flows.rehearsal import Rehearsal
from sessiondoctor.evidence.nodes.replay import NodeVisit, Replay
from sessiondoctor.formats.jar import RawJar
from sessiondoctor.probes.browser.budget import Budget
from sessiondoctor.probes.browser.client import Client
from sessiondoctor.probes.browser.recipe import recipe_of
from sessiondoctor.probes.browser.target import Target
from sessiondoctor.probes.browser.targets import REDIRECTED
from sessiondoctor.probes.contract import Absent, Probe
from sessiondoctor.probes.nodes import routed as steering
from sessiondoctor.probes.nodes.matrix import Matrix, pairs_of
from sessiondoctor.probes.responses.cookie_reader import Reader
from sessiondoctor.topology.model import Node
from sessiondoctor.wire.client import Trust

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from sessiondoctor.context import Context, Options
    from sessiondoctor.probes.browser.results import FlowResult
    from sessiondoctor.probes.responses.cookie_roles import Roles
    from sessiondoctor.topology.model import Topology
    from sessiondoctor.topology.steps import Flow, Step

_SHOWN = 18  # sessions to nodes that did not make them: a ring of three servers that lacks one loses a third of them
_MOST_ROUNDS = 6
_BY_SCHEME = 2  # pages that begin a login, as by http and as by https
_BACK = 2  # looks at a session where it was made, after another node has seen it
_SECONDS = 60.0
_FEWEST_SECONDS = 5.0
_PROTO = "X-Forwarded-Proto"
_Names = tuple[str, ...]


def plan(topology: Topology, options: Options) -> Iterator[Probe | Absent]:
    """One probe over the nodes of the largest service; through the balancer if none of them has a URL."""
    nodes = asked(topology)
    if not nodes:
        yield steering.probe(topology, options)
        return
    yield Probe(
        evidence=Replay,
        subject="site",
        describe=f"a session of each of {len(nodes)} nodes shown to the others",
        contacts=bounds_of(topology),
        ask=_ask,
        needs=(Rehearsal,),
        timeout_s=_seconds(options) + 2 * options.timeout_s,
    )


def asked(topology: Topology) -> tuple[Node, ...]:
    """The nodes of the service that most nodes belong to, those with a url."""
    nodes = [node for node in topology.nodes if node.url]
    services = [node.service for node in nodes]
    largest = max(dict.fromkeys(services), key=services.count, default="")
    return tuple(node for node in nodes if node.service == largest)


def target(node: Node) -> Target:
    """A node as a target."""
    return Target(node.url, tuple(node.headers.items()), Trust(ca=node.ca) if node.ca else Trust())


def bounds_of(topology: Topology) -> Mapping[str, int]:
    """host:port -> the most requests, redirects included."""
    recipe, nodes, rounds = recipe_of(topology.site.flow), asked(topology), _rounds(topology) + 1
    make, look = recipe.write_requests, recipe.read_requests
    total: Counter[str] = Counter()
    for node in nodes:
        by_scheme = _BY_SCHEME if recipe.login else make
        total[target(node).authority] += rounds * (make + look) + by_scheme
    for made, read in pairs_of(len(nodes)):
        total[target(nodes[made]).authority] += rounds * make + _BACK * look
        total[target(nodes[read]).authority] += rounds * look
    return {authority: REDIRECTED * count for authority, count in total.items()}


def _rounds(topology: Topology) -> int:
    """One where each node keeps its own sessions; several of few nodes that share them, as the id may decide."""
    pairs = len(pairs_of(len(asked(topology))))
    login = bool(topology.site.flow.login)
    return 1 if login or topology.mode() == "sticky" or not pairs else min(_MOST_ROUNDS, math.ceil(_SHOWN / pairs))


def _seconds(options: Options) -> float:
    return max(_FEWEST_SECONDS, min(_SECONDS, options.deadline_s - 3 * options.timeout_s))


async def _ask(context: Context) -> Replay:
    bounds, seconds = bounds_of(context.topology), _seconds(context.options)
    budgets = {authority: Budget(count, seconds) for authority, count in bounds.items()}
    recipe, reader = recipe_of(context.topology.site.flow), Reader(context.topology, context.redactor)
    matrix = Matrix(context, recipe, reader, _rounds(context.topology))
    nodes = asked(context.topology)
    return await matrix.replay([_Direct(matrix, node, budgets[target(node).authority]) for node in nodes])


@dataclass(frozen=True, slots=True)
class _Direct:
    """A node at its own URL; see `Access`."""

    matrix: Matrix
    node: Node
    budget: Budget

    @property
    def name(self) -> str:
        return self.node.name

    @property
    def url(self) -> str:
        return self.node.url

    def fresh(self) -> Client:
        return Client.of(self.matrix.context, target(self.node), RawJar(), budget=self.budget)

    def lead(self, client: Client) -> Client:
        return client.at(target(self.node), budget=self.budget)

    def astray(self, _: FlowResult) -> str:
        return ""

    async def complete(self, visit: NodeVisit, made: FlowResult, roles: Roles) -> NodeVisit:
        """Also how large the headers are, and what it sets if it takes the request for http, and for https."""
        headers = made.response.headers if made.response else ()
        http, https = await self._by_scheme(made, roles)
        return replace(
            visit,
            header_bytes=sum(len(f"{name}: {value}\r\n") for name, value in headers),
            cookies_if_http=http,
            cookies_if_https=https,
        )

    async def _by_scheme(self, made: FlowResult, roles: Roles) -> tuple[_Names | None, _Names | None]:
        """The cookies that it sets for http and for https; asked where that can matter."""
        over_https = self.matrix.context.topology.site.url.lower().startswith("https:")
        if roles.handed_out(made.settings) and not over_https:
            return None, None
        headers = {name: value for name, value in self.node.headers.items() if name.lower() != _PROTO.lower()}
        with_proto = {**headers, _PROTO: "https"}
        if self.matrix.recipe.login:
            page = _first_page(self.matrix.context.topology.site.flow)
            return await self._set_with(headers, page), await self._set_with(with_proto, page)
        write = self.matrix.recipe.write
        if len(headers) < len(self.node.headers):
            return await self._set_with(headers, write), _set_by(made)
        return _set_by(made), await self._set_with(with_proto, write)

    async def _set_with(self, headers: dict[str, str], steps: Sequence[Step]) -> _Names:
        """The cookies that the node sets on requests with other headers."""
        client = replace(self, node=replace(self.node, headers=headers)).fresh()
        return _set_by(await client.steps(steps))


def _first_page(flow: Flow) -> tuple[Step, ...]:
    """The page that a login begins with: asking for it takes no login. None opens the URL itself."""
    return tuple(step for step in flow.login[:1] if step.method == "GET")


def _set_by(turn: FlowResult) -> _Names:
    return tuple(dict.fromkeys(one.cookie.name for one in turn.settings if not one.deletes))
