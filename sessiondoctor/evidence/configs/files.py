"""What configuration files say about sessions: the small model that every format's reader fills.

A fact is one statement of one file, with its line. `None` and "" mean that the file does not say; what the product
does then is for a check to know. No fact holds a secret: see `Secret`.

The kinds: `balancing` (pools, affinity, proxies), `deployment` (workloads, services, volumes), `application` (cookies,
stores, secrets, clusters). To add one: a frozen dataclass on `Fact`, and a field of `Configs` with a tuple of it.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
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
_STORE_IMAGE = re.compile(r"(?:^|/)(?:postgres|postgresql|mysql|mariadb|mongo|redis|valkey|memcached)(?:[:@-]|$)")


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
        """What keeps clients in a pool; names of pools are one file's, names of Services are all manifests'.

        Envoy's filter of stateful sessions stands in a listener and holds for whatever its routes lead to.
        """
        same = pool.format
        found = (
            one
            for one in self.affinities
            if one.by not in {"nothing", "url"} and (one.pool == pool.name or one.directive == "stateful_session")
        )
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
        """Facts by the owner that was named for their file (`app1=app1/.env`).

        `any_file`: of unnamed files, too, if another is called alike but for digits: a/.env b/.env, h1.env h2.env.
        """
        named = {file.owner for file in self.files if file.owner != file.name}
        if any_file:
            names = Counter(_called(file.name) for file in self.files)
            named |= {file.owner for file in self.files if names[_called(file.name)] > 1}
        return {owner: found for owner in sorted(named) if (found := self.owned(facts, owner))}

    def kept_sessions(self) -> tuple[SessionStore, ...]:
        """Where sessions are kept: a product's default only where the same owner's files say nothing else."""
        of_sessions = [store for store in self.session_stores if store.role == "session"]
        told = {store.owner for store in of_sessions if not store.default}
        return tuple(store for store in of_sessions if not store.default or store.owner not in told)

    def keeps_sessions_in(self, place: StorePlace, of: Fact) -> bool:
        """Whether a file that may concern a server says that sessions are kept in such a one."""
        return any(store.place == place and self.concerns(of, store) for store in self.kept_sessions())

    def keeps_sessions_outside(self) -> bool:
        """Whether a file says that sessions are kept in a server of their own."""
        return any(store.place in {"redis", "memcached", "sql", "other"} for store in self.kept_sessions())

    def most_workers(self, of: Fact | None = None) -> int:
        """Processes of one node that share no memory, the most that a file says; 0 if no file says."""
        workloads = (one for one in self.workloads if of is None or self.concerns(one, of))
        return max((workload.workers or 0 for workload in workloads), default=0)

    def has_several_nodes(self, of: Fact | None = None) -> bool:
        """Whether a pool, a workload or a chart has more than one node; `of` the application that a fact is about."""
        pools = (one for one in self.pools if of is None or self.concerns(one, of))
        workloads = [one for one in self.workloads if of is None or self.concerns(one, of)]
        servers = (sum(not server.role for server in pool.servers) for pool in pools)
        replicas = (workload.replicas or 0 for workload in workloads if not _STORE_IMAGE.search(workload.image))
        named = {file.owner for file in self.files if file.owner != file.name}
        if len({store.owner for store in self.session_stores if store.owner in named}) > 1:
            return True
        return any(count > 1 for count in (*servers, *replicas)) or any(one.autoscaled for one in workloads)

    def concerns(self, one: Fact, other: Fact) -> bool:
        """Whether two facts may be about one application: a folder of files may hold several.

        They are if their owners were named, if the folder of one file holds the other's, or if no second folder sets
        an application up.
        """
        named = {file.owner for file in self.files if file.owner != file.name}
        if one.owner == other.owner or {one.owner, other.owner} & named:
            return True
        first, second = _folder(one), _folder(other)
        if first.startswith(second) or second.startswith(first):
            return True
        return len({_folder(store) for store in (*self.session_stores, *self.settings)}) <= 1

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


def _folder(fact: Fact) -> str:
    """The folder of its file, with a slash at the end; empty for a bare name."""
    folder, slash, _ = fact.at.file.replace("\\", "/").rpartition("/")
    return folder + slash


def _called(name: str) -> str:
    """A file's name without its folder and digits."""
    return re.sub(r"[0-9]+", "", name.replace("\\", "/").rpartition("/")[2])
