"""What configuration files say about sessions: the small model that every format's reader fills.

A fact is one statement of one file, with its line. `None` and "" mean that the file does not say; what the product
does then is for a check to know. No fact holds a secret: see `Secret`.

The kinds: `balancing` (pools, affinity, proxies), `deployment` (workloads, services, volumes), `application` (cookies,
stores, secrets, clusters). To add one: a frozen dataclass on `Fact`, and a field of `Configs` with a tuple of it.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar, get_args, get_type_hints

from sessiondoctor.evidence.configs.application import (
    Manager,
    ProxyTrust,
    Route,
    Secret,
    SessionCookie,
    SessionIdle,
    SessionStore,
    Setting,
    StoreServer,
)  # fmt: skip
from sessiondoctor.evidence.configs.balancing import (
    Affinity,
    Drain,
    Ejection,
    HealthCheck,
    Mistake,
    Pool,
    Proxy,
    RealIp,
    Rule,
    StickTable,
)  # fmt: skip
from sessiondoctor.evidence.configs.deployment import Service, Volume, Workload
from sessiondoctor.evidence.configs.fact import Fact
from sessiondoctor.evidence.location import Location

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sessiondoctor.evidence.configs.application import StorePlace

F = TypeVar("F", bound=Fact)


@dataclass(frozen=True, slots=True)
class Ignored:
    """A comment `sessiondoctor: ignore[check-id, ...] reason`: it holds for its own line and the next."""

    at: Location
    checks: tuple[str, ...]
    reason: str = ""


@dataclass(frozen=True, slots=True)
class ConfigFile:
    """One file that was given. `format` is empty where its content is not known; `note` says what was not read."""

    name: str
    owner: str
    format: str = ""
    note: str = ""
    ignored: tuple[Ignored, ...] = ()


@dataclass(frozen=True, slots=True)
class Configs:
    """All configuration that was read, by kind of fact, in the order of the files."""

    files: tuple[ConfigFile, ...] = ()
    affinities: tuple[Affinity, ...] = ()
    pools: tuple[Pool, ...] = ()
    proxies: tuple[Proxy, ...] = ()
    real_ips: tuple[RealIp, ...] = ()
    health_checks: tuple[HealthCheck, ...] = ()
    drains: tuple[Drain, ...] = ()
    rules: tuple[Rule, ...] = ()
    stick_tables: tuple[StickTable, ...] = ()
    ejections: tuple[Ejection, ...] = ()
    mistakes: tuple[Mistake, ...] = ()
    services: tuple[Service, ...] = ()
    workloads: tuple[Workload, ...] = ()
    volumes: tuple[Volume, ...] = ()
    session_cookies: tuple[SessionCookie, ...] = ()
    session_stores: tuple[SessionStore, ...] = ()
    session_idles: tuple[SessionIdle, ...] = ()
    secrets: tuple[Secret, ...] = ()
    proxy_trusts: tuple[ProxyTrust, ...] = ()
    routes: tuple[Route, ...] = ()
    managers: tuple[Manager, ...] = ()
    store_servers: tuple[StoreServer, ...] = ()
    settings: tuple[Setting, ...] = ()

    @classmethod
    def of_facts(cls, files: Iterable[ConfigFile], facts: Iterable[Fact]) -> Configs:
        """Sorts facts into the fields of their kinds."""
        by_kind: dict[type[Fact], list[Fact]] = defaultdict(list)
        for fact in facts:
            by_kind[type(fact)].append(fact)
        kinds = {name: get_args(hint)[0] for name, hint in get_type_hints(cls).items() if name != "files"}
        unknown = by_kind.keys() - kinds.values()
        if unknown:
            raise TypeError(f"Configs has no field for {', '.join(kind.__name__ for kind in unknown)}")
        sorted_: dict[str, Any] = {name: tuple(by_kind[kind]) for name, kind in kinds.items()}
        return cls(tuple(files), **sorted_)

    def facts(self) -> tuple[Fact, ...]:
        """All facts, by kind."""
        return tuple(fact for name in self.__dataclass_fields__ if name != "files" for fact in getattr(self, name))

    def owned(self, facts: tuple[F, ...], owner: str) -> tuple[F, ...]:
        """Those of the facts that one owner's files state."""
        return tuple(fact for fact in facts if fact.owner == owner)

    def clusters(self) -> tuple[Manager, ...]:
        """In-memory clusters: how their members find each other, and where they listen."""
        return tuple(one for one in self.managers if one.setting("role") == "cluster")

    def replicated_by(self) -> Fact | None:
        """What says that nodes copy sessions to each other: the application asks for it, or there is a cluster."""
        asked = (one for one in self.managers if one.distributable and one.product != "infinispan")
        grids = (one for one in self.session_stores if one.place == "cluster")
        return next((fact for facts in (asked, self.clusters(), grids) for fact in facts), None)

    def affinities_of(self, pool: Pool | Service) -> tuple[Affinity, ...]:
        """What keeps clients in a pool; names of pools are one file's, names of Services are all manifests'."""
        same = pool.format
        found = (one for one in self.affinities if one.pool == pool.name and one.by not in {"nothing", "url"})
        return tuple(one for one in found if one.owner == pool.owner or (same == "kubernetes" == one.format))

    def replicas_behind(self, service: Service) -> int:
        """How many pods a Service leads to at the most that files say; 0 if no file says."""
        chosen = [
            workload
            for workload in self.workloads
            if service.selector and set(service.selector) <= set(workload.labels)
        ]
        names = {workload.name for workload in chosen}
        counted = [workload.replicas or 0 for workload in (*chosen, *self.workloads) if workload.name in names]
        scaled = any(workload.autoscaled and workload.name in names for workload in self.workloads)
        return max([*counted, 2 if scaled else 0], default=0)

    def by_owner(self, facts: tuple[F, ...], *, any_file: bool = False) -> dict[str, tuple[F, ...]]:
        """Facts by the owner that was named for their file (`app1=app1/.env`); `any_file`: of unnamed files, too."""
        named = {file.owner for file in self.files if any_file or file.owner != file.name}
        return {owner: found for owner in sorted(named) if (found := self.owned(facts, owner))}

    def kept_sessions(self) -> tuple[SessionStore, ...]:
        """Where sessions are kept: a product's default only where the same owner's files say nothing else."""
        of_sessions = [store for store in self.session_stores if store.role == "session"]
        told = {store.owner for store in of_sessions if not store.default}
        return tuple(store for store in of_sessions if not store.default or store.owner not in told)

    def keeps_sessions_in(self, place: StorePlace) -> bool:
        """Whether a file says that sessions are kept there."""
        return any(store.place == place for store in self.kept_sessions())

    def most_workers(self) -> int:
        """Processes of one node that share no memory, the most that a file says; 0 if no file says."""
        return max((workload.workers or 0 for workload in self.workloads), default=0)

    def in_containers(self) -> bool:
        """Whether a manifest or a compose file says that the application runs in a container."""
        return any(workload.format in {"compose", "kubernetes", "helm"} for workload in self.workloads)

    def has_several_nodes(self) -> bool:
        """Whether a pool, a workload or a chart has more than one node."""
        pools = (sum(not server.role for server in pool.servers) for pool in self.pools)
        replicas = (workload.replicas or 0 for workload in self.workloads)
        named = {file.owner for file in self.files if file.owner != file.name}
        if len({store.owner for store in self.session_stores if store.owner in named}) > 1:
            return True
        return any(count > 1 for count in (*pools, *replicas)) or any(one.autoscaled for one in self.workloads)

    def has_several_balancers(self) -> bool:
        """Whether clients pass one of several proxies (a mesh has one in each pod), or one after the other."""
        mesh = any(one.product in {"istio", "envoy-gateway"} for one in self.affinities)
        outer = any(one.product in {"aws-alb", "aws-nlb", "digitalocean"} for one in self.affinities)
        layered = any(one.name.endswith("/target-type") and one.value == "instance" for one in self.settings)
        return mesh or outer or layered or len({pool.owner for pool in self.pools}) > 1

    def shares_sessions(self) -> bool | None:
        """Whether sessions outlive a change of node: in a shared store or with the client; None if no file says."""
        places = {store.place for store in self.kept_sessions()}
        if places & {"memory", "files"}:
            return False
        return True if places else None
