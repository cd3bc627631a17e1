"""Clients of one probe: at the public entry, where they first open the site, and at nodes; all within one plan."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from sessiondoctor.context import Context
from sessiondoctor.formats.jar import Jar, RawJar
from sessiondoctor.probes.browser.accounts import SITE, Accounts
from sessiondoctor.probes.browser.budget import Budget
from sessiondoctor.probes.browser.client import Client
from sessiondoctor.probes.browser.target import Target
from sessiondoctor.probes.browser.targets import entry
from sessiondoctor.probes.entry.visit_sizes import seconds_of
from sessiondoctor.probes.nodes.replay import target
from sessiondoctor.probes.responses.cookie_reader import Reader
from sessiondoctor.wire.address import split_url

if TYPE_CHECKING:
    from sessiondoctor.context import Options
    from sessiondoctor.probes.browser.recipe import Recipe
    from sessiondoctor.probes.browser.results import FlowResult
    from sessiondoctor.topology.model import Node, Topology
    from sessiondoctor.wire.client import Connection


@dataclass(frozen=True, slots=True)
class Bounds:
    """The most requests, redirects included: by all clients of the entry together, and of each node's host:port."""

    entry: int
    nodes: Mapping[str, int]

    def contacts(self, topology: Topology) -> dict[str, int]:
        """host:port -> the most requests: what is sent to the entry may go to any of its entry points."""
        entry_point = entry(topology)
        total = Counter(dict.fromkeys(sorted({entry_point.authority, *entry_point.entry_points}), self.entry))
        total.update(self.nodes)
        return dict(total)


def landings(topology: Topology, clients: int) -> int:
    """The most requests of so many clients that open the site."""
    return clients * (1 + entry(topology).redirects)


def origin_of(node: Node) -> str:
    """What a browser says in Origin to this node, as the node itself sees its own address."""
    told = {name.lower(): value for name, value in node.headers.items()}
    own = split_url(node.url).origin
    return f"{told.get('x-forwarded-proto') or own.scheme}://{told.get('host') or own.host_header}"


@dataclass(frozen=True, slots=True)
class Callers:
    """Makes the clients of one probe."""

    context: Context
    reader: Reader
    home: Target
    entry_budget: Budget
    node_budgets: Mapping[str, Budget] = field(default_factory=dict)

    @classmethod
    def within(cls, bounds: Bounds, context: Context) -> Callers:
        """Clients that keep to these bounds."""
        seconds = seconds_of(context.options)
        nodes = {authority: Budget(count, seconds) for authority, count in bounds.nodes.items()}
        reader = Reader(context.topology, context.redactor)
        return cls(context, reader, entry(context.topology), Budget(bounds.entry, seconds), nodes)

    async def landed(
        self, jar: Jar | None = None, *, connection: Connection | None = None
    ) -> tuple[Client, FlowResult]:
        """A new client with a browser's jar that has opened the site; its steps go to where that led.

        Raises:
            Spent: the budget does not suffice.
        """
        jar = Jar() if jar is None else jar
        client = Client.of(self.context, self.home, jar, budget=self.entry_budget, connection=connection)
        turn = await client.steps(())
        if turn.response is None:
            return client, turn
        onward = client.at(self.home.moved_to(turn.response.url), budget=self.entry_budget)
        onward.connection = connection
        return onward, turn

    def passing(self) -> Client:
        """A new client of the entry that follows no redirect: each of its requests is one."""
        home = replace(self.home, redirects=0)
        return Client(self.context.wire, home, Jar(), self.context.redactor, budget=self.entry_budget)

    def at_node(self, node: Node) -> Client:
        """A new client of a node. It sends every cookie: the node's address is not the one that cookies are for."""
        to = self._to(node)
        budget = self.node_budgets[to.authority]
        return Client.of(self.context, to, RawJar(), budget=budget)

    def sent_on(self, client: Client, node: Node) -> Client:
        """The same client, jar and values, at another node."""
        to = self._to(node)
        return client.at(to, budget=self.node_budgets[to.authority])

    def shown_to(self, node: Node, jar: Jar, client: Client) -> Client:
        """The client of another place at a node, with a copy of these cookies and of its values."""
        guest = self.sent_on(client.with_jar(RawJar(jar.all())), node)
        guest.values = dict(client.values)
        return guest

    async def begin(self, client: Client, recipe: Recipe, place: str = SITE, number: int = 0) -> FlowResult:
        """A session with state, see `Accounts`.

        Raises:
            Spent: the budget does not suffice.
        """
        return await Accounts.of(self.context).begin(client, recipe, place, number)

    def _to(self, node: Node) -> Target:
        return replace(target(node), origin=origin_of(node))


def timeout_of(options: Options) -> float:
    """Seconds after which a probe of such clients is cut off."""
    return seconds_of(options) + 2 * options.timeout_s
