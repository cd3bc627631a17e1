"""The topology with what its configuration files say where it says nothing itself.

What the user declares always stands. A setting of which two files say different things stays open: checks compare
them. No server is added: whoever is not declared is not asked. The names of session cookies stay recognised, because a
file that is not the running one must not hide the cookie that is.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, TypeVar, get_args
from urllib.parse import urlsplit

from sessiondoctor.evidence.configs.files import Configs
from sessiondoctor.topology.model import Configured, Stack
from sessiondoctor.topology.scalars import Duration

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from sessiondoctor.evidence.configs.application import SessionStore
    from sessiondoctor.evidence.configs.balancing import PoolServer
    from sessiondoctor.evidence.configs.fact import Fact
    from sessiondoctor.evidence.gathered import Gathered
    from sessiondoctor.topology.model import Balancer, Mode, Node, Path, Store, Topology

V = TypeVar("V")
Told = tuple[V, "Fact"]
"""A value and the fact that says it."""

_KINDS = {"redis": "redis", "memcached": "memcached", "sql": "sql", "files": "files", "cluster": "hazelcast"}


def as_deployed(topology: Topology, gathered: Gathered) -> Topology:
    """The topology with what evidence of configuration adds to it."""
    for piece in gathered.of(Configs):
        if piece.value:
            return with_configs(topology, piece.value)
    return topology


def with_configs(topology: Topology, configs: Configs) -> Topology:
    """The topology with what these facts add; `configured` says what, and which line says so."""
    filled = _Filling(topology, configs)
    nodes = tuple(filled.node(index, node) for index, node in enumerate(topology.nodes))
    balancers = tuple(filled.balancer(index, one) for index, one in enumerate(topology.load_balancers))
    stores = tuple(filled.store(index, store) for index, store in enumerate(topology.stores))
    site = replace(
        topology.site,
        stack=topology.site.stack or filled.told(("site", "stack"), _only(_stacks(configs))),
        mode=topology.site.mode if topology.mode() != "unknown" else filled.mode(),
        idle_timeout=filled.idle_timeout(),
    )
    return replace(
        topology, site=site, nodes=nodes, load_balancers=balancers, stores=stores, configured=tuple(filled.settings)
    )


class _Filling:
    """Fills in what one topology leaves open, and notes by which line."""

    def __init__(self, topology: Topology, configs: Configs) -> None:
        self.settings: list[Configured] = []
        self._topology = topology
        self._configs = configs
        self._routes = _routes(topology, configs)

    def told(self, path: Path, found: Told[V] | None, declared: V | None = None) -> V | None:
        """The value of a setting: as declared, else as a file says it."""
        if found is None or found[0] == declared:
            return declared
        value, fact = found
        self.settings.append(Configured(path, _shown(value), fact.at.file, fact.at.line, _shown(declared)))
        return declared or value

    def mode(self) -> Mode:
        """How sessions are shared, by where applications keep them; else by what keeps clients on their nodes."""
        own = [one for one in self._configs.session_stores if one.role == "session"]
        shared = self._configs.shares_sessions()
        outside = {one.place for one in own} - {"memory", "files", "cluster"}
        copied = self._configs.replicated_by()
        if copied and not (shared and outside):
            return self.told(("site", "mode"), ("replicated", copied)) or "auto"
        if shared:
            mode: Mode = "client-side" if {one.place for one in own} == {"cookie"} else "external"
            return self.told(("site", "mode"), (mode, own[0])) or "auto"
        kept = [one for one in self._configs.affinities if one.by not in {"nothing", "url"}]
        if shared is False and kept:
            return self.told(("site", "mode"), ("sticky", kept[0])) or "auto"
        return "auto"

    def idle_timeout(self) -> Duration | None:
        """How long a session lives without a request, where all files that say so agree."""
        found = _only((Duration(round(one.seconds)), one) for one in self._configs.session_idles if one.seconds >= 1)
        return self.told(("site", "idle_timeout"), found, self._topology.site.idle_timeout)

    def balancer(self, index: int, balancer: Balancer) -> Balancer:
        """With the name of its own cookie."""
        cookies = (
            (one.cookie.name, one)
            for one in self._configs.owned(self._configs.affinities, balancer.name)
            if one.by == "cookie" and one.cookie and one.cookie.name
        )
        path = ("load_balancers", index, "affinity_cookie")
        return replace(balancer, affinity_cookie=self.told(path, _only(cookies), balancer.affinity_cookie) or "")

    def node(self, index: int, node: Node) -> Node:
        """With its route, and the declared store that its files name."""
        route = self.told(("nodes", index, "route"), self._routes.get(node.name), node.route) or ""
        store = node.store or ("" if node.store_url.reveal() else self._store_of(index, node))
        return replace(node, route=route, store=store)

    def _store_of(self, index: int, node: Node) -> str:
        own = self._configs.owned(self._configs.session_stores, node.name)
        return self.told(("nodes", index, "store"), _only(_named_stores(own, self._topology.stores))) or ""

    def store(self, index: int, store: Store) -> Store:
        """With the prefix of its keys, where all that say one agree."""
        told = (one for one in self._configs.session_stores if one.role == "session")
        prefixes = ((f"{one.prefix}*", one) for one in told if one.prefix and _KINDS.get(one.place) == store.kind)
        if store.keys or len(self._topology.stores) > 1:
            return store
        return replace(store, keys=self.told(("stores", index, "keys"), _only(prefixes)) or "")


def _shown(value: object) -> str:
    """As a sentence has it; empty for nothing."""
    return f"{value:d} s" if isinstance(value, Duration) else str(value or "")


def _only(found: Iterable[Told[V]]) -> Told[V] | None:
    """The value that all agree on, as the first says it; None where they differ, or nobody says one."""
    told = list(found)
    return told[0] if told and all(value == told[0][0] for value, _ in told) else None


def _stacks(configs: Configs) -> Iterator[Told[Stack]]:
    kinds: tuple[tuple[Fact, ...], ...] = (
        configs.session_stores, configs.secrets, configs.session_cookies, configs.proxy_trusts, configs.routes,
        configs.managers, configs.session_idles,
    )  # fmt: skip
    stacks: tuple[Stack, ...] = get_args(Stack)
    for fact in (fact for facts in kinds for fact in facts):
        yield from ((stack, fact) for stack in stacks if stack == getattr(fact, "stack", ""))


def _named_stores(own: Sequence[SessionStore], stores: Sequence[Store]) -> Iterator[Told[str]]:
    """The declared stores that a node's own files name; `none` where they say that sessions stay in the node."""
    for one in own:
        places = (store for store in stores if _KINDS.get(one.place) == store.kind and one.endpoint)
        yield from ((store.name, one) for store in places if any(one.endpoint == _place(url) for url in _urls(store)))
        if one.role == "session" and one.place == "memory" and not one.default:
            yield "none", one


def _urls(store: Store) -> Iterator[str]:
    return (url.reveal() for url in store.url)


def _place(url: str) -> str:
    """host:port of a store's URL."""
    try:
        parts = urlsplit(url)
        where = f"{parts.hostname}:{parts.port}"
    except ValueError:
        return ""
    return where


def _routes(topology: Topology, configs: Configs) -> dict[str, Told[str]]:
    """What cookies call each node, by its own files, else by the balancer's; only where no two nodes share it."""
    found: dict[str, Told[str]] = {}
    for node in topology.nodes:
        own = _only((one.route, one) for one in configs.owned(configs.routes, node.name) if one.route)
        servers = ((server.route, pool) for pool in configs.pools for server in pool.servers if _is(node, server))
        given = _only((route, pool) for route, pool in servers if route)
        told = own or given
        if told and not (own and given and own[0] != given[0]):
            found[node.name] = told
    taken = [route for route, _ in found.values()]
    return {name: told for name, told in found.items() if taken.count(told[0]) == 1}


def _is(node: Node, server: PoolServer) -> bool:
    """Whether a server of a pool is a node of the topology: by its address, else by its name."""
    if node.url and server.address:
        return (
            urlsplit(node.url).netloc == server.address.partition("://")[2]
            or urlsplit(node.url).netloc == server.address
        )
    return server.name == node.name
