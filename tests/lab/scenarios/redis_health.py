"""A Redis that is ill, or looks so, under several stacks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import yaml

from tests.lab import proofs, store_proofs
from tests.lab.scenario import Scenario
from tests.lab.scenarios import django, express, php
from tests.lab.servers.filler import Filler
from tests.lab.servers.haproxy import HAProxy
from tests.lab.servers.neighbours import Hog, Holder
from tests.lab.servers.nginx import Nginx
from tests.lab.servers.redis import Redis, client

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.lab.cluster import Cluster
    from tests.lab.workspace import Workspace

    Build = Callable[[Workspace], Cluster]

MEGABYTE = 1 << 20
DJANGO_KEYS = "shop:*"
PHP_KEYS = "PHPREDIS_SESSION:*"


@dataclass(frozen=True, slots=True)
class Configured:
    """A shop whose running Redis is given other settings, as CONFIG SET has them."""

    shop: Build
    settings: tuple[tuple[str, str | int], ...]

    def __call__(self, workspace: Workspace) -> Cluster:
        """Start it."""
        cluster = self.shop(workspace)
        with client(cluster.stores["redis"]) as store:
            for name, value in self.settings:
                store.config_set(name, value)
        return cluster


@dataclass(frozen=True, slots=True)
class Complaining:
    """A shop whose users complain of a symptom, as its topology file tells."""

    shop: Build
    symptom: str

    def __call__(self, workspace: Workspace) -> Cluster:
        """Start it."""
        cluster = self.shop(workspace)
        described = yaml.safe_load(cluster.topology.read_text())
        cluster.topology.write_text(yaml.safe_dump({**described, "symptoms": [self.symptom]}, sort_keys=False))
        return cluster


@dataclass(frozen=True, slots=True)
class Evicting:
    """A shop whose Redis is too small for the cache beside the sessions."""

    shop: Build

    def __call__(self, workspace: Workspace) -> Cluster:
        """Start it; ready when keys are evicted."""
        cluster = Configured(self.shop, (("maxmemory", 3_000_000), ("maxmemory-policy", "allkeys-lru")))(workspace)
        workspace.start(Filler(cluster.stores["redis"]))
        return cluster


@dataclass(frozen=True, slots=True)
class Full:
    """A shop whose Redis holds more than it may and evicts nothing."""

    shop: Build

    def __call__(self, workspace: Workspace) -> Cluster:
        """Start it."""
        cluster = self.shop(workspace)
        with client(cluster.stores["redis"]) as store:
            _cache(store, 100)
            store.config_set("maxmemory", MEGABYTE)
        return cluster


@dataclass(frozen=True, slots=True)
class Held:
    """A shop whose Redis has no connection left: a client leaks them."""

    shop: Build

    def __call__(self, workspace: Workspace) -> Cluster:
        """Start it."""
        cluster = Configured(self.shop, (("maxclients", 40),))(workspace)
        workspace.start(Holder(cluster.stores["redis"], 60))
        return cluster


@dataclass(frozen=True, slots=True)
class Busy:
    """A shop whose Redis is held up by a neighbour's scripts."""

    shop: Build
    busy_ms: int = 1500
    rest_ms: int = 10

    def __call__(self, workspace: Workspace) -> Cluster:
        """Start it."""
        cluster = self.shop(workspace)
        workspace.start(Hog(cluster.stores["redis"], self.busy_ms, self.rest_ms))
        return cluster


def _one_left_out(workspace: Workspace) -> Cluster:
    """Express keeps one connection a node; a node loses its own, and Redis has no other for it."""
    cluster = express.ExpressShop()(workspace)
    with client(cluster.stores["redis"]) as store:
        nodes = [one["id"] for one in store.client_list() if int(one["id"]) != store.client_id()]
        store.config_set("maxclients", 1)  # who is connected stays so
        store.client_kill_filter(_id=nodes[-1])
    return cluster


def _only_sessions_go(workspace: Workspace) -> Cluster:
    """A cache without expiry beside sessions with one: under volatile-lru sessions are the only victims."""
    redis = Redis("redis", maxmemory=24 * MEGABYTE, policy="volatile-lru")
    cluster = express.ExpressShop(redis=redis)(workspace)
    with client(cluster.stores["redis"]) as store:
        _sessions(store, 60_000)
        _cache(store, 200)
    workspace.start(Filler(cluster.stores["redis"], rate=20))
    return cluster


def _history(workspace: Workspace) -> Cluster:
    """A cache and sessions side by side; memory was full once, and has been enlarged since."""
    cluster = express.ExpressShop(redis=Redis("redis", maxmemory=3 * MEGABYTE, policy="allkeys-lru"))(workspace)
    with client(cluster.stores["redis"]) as store:
        _cache(store, 200)
        store.config_set("maxmemory", 200 * MEGABYTE)
        _sessions(store, 500)
    return cluster


def _room(workspace: Workspace) -> Cluster:
    """A cache without expiry and sessions side by side under volatile-lru, with head room."""
    cluster = express.ExpressShop(redis=Redis("redis", maxmemory=200 * MEGABYTE, policy="volatile-lru"))(workspace)
    with client(cluster.stores["redis"]) as store:
        _cache(store, 200)
        _sessions(store, 500)
    return cluster


def _cannot_save(workspace: Workspace) -> Cluster:
    """Snapshots fail: where the file should be is a folder."""
    redis = Redis("redis", extra=("save 3600 1", "stop-writes-on-bgsave-error yes"))
    cluster = express.ExpressShop(redis=redis)(workspace)
    (workspace.directory / "redis" / "dump.rdb").mkdir()
    with client(cluster.stores["redis"]) as store:
        store.set("cache:page", "x")
        store.bgsave()
        workspace.wait_for("redis", lambda: store.info("persistence")["rdb_last_bgsave_status"] == "err")
    return cluster


def _cache(store: object, count: int) -> None:
    """Values of 20 kB that never expire."""
    with store.pipeline(transaction=False) as batch:  # type: ignore[attr-defined]
        for number in range(count):
            batch.set(f"cache:{number}", "x" * 20_000)
        batch.execute()


def _sessions(store: object, count: int) -> None:
    """Sessions of other users, as connect-redis writes them."""
    value = '{"cookie":{"originalMaxAge":null,"expires":null,"httpOnly":true,"path":"/"},"items":["book"]}'
    with store.pipeline(transaction=False) as batch:  # type: ignore[attr-defined]
        for number in range(count):
            batch.set(f"sess:{number:032d}", value, ex=1800)
        batch.execute()


RESTARTABLE = Redis("redis", extra=("enable-debug-command local",))
DURABLE = Redis("redis", extra=("enable-debug-command local", "appendonly yes", "appendfsync always"))

SCENARIOS = (
    Scenario(
        name="express-store-eviction-volatile",
        build=_only_sessions_go,
        proofs=(store_proofs.evicts_only("sess:0*", "cache:*"),),
        cause="store-eviction",
        where=("sessions",),
    ),
    Scenario(
        name="django-store-eviction",
        build=Evicting(django.DjangoShop(HAProxy())),
        proofs=(proofs.store_evicts, proofs.state_is_lost_after(6)),
        cause="store-eviction",
        where=("sessions",),
    ),
    Scenario(
        name="php-store-eviction",
        build=Evicting(php.PhpShop(Nginx())),
        proofs=(proofs.store_evicts, proofs.state_is_lost_after(6)),
        cause="store-eviction",
        where=("sessions",),
    ),
    Scenario(
        name="django-redis-oom",
        build=Full(django.DjangoShop(Nginx())),
        proofs=(proofs.state_is_lost, proofs.store_refused("redis", "OOM")),
        cause="redis-oom",
        where=("sessions",),
    ),
    Scenario(
        name="php-redis-oom",
        build=Full(php.PhpShop(HAProxy())),
        proofs=(proofs.state_is_lost, proofs.store_refused("redis", "OOM")),
        cause="redis-oom",
        where=("sessions",),
    ),
    Scenario(
        name="express-store-data-loss-flushall",
        build=express.ExpressShop(),
        proofs=(store_proofs.everybody_is_out_after(store_proofs.flushall),),
        cause="store-data-loss",
        where=("sessions",),
    ),
    Scenario(
        # Nothing is lost any more when the scan begins: what users say and a young, empty store make it up.
        name="express-store-data-loss-restart",
        build=Complaining(express.ExpressShop(redis=RESTARTABLE), "logged-out-all-at-once"),
        proofs=(store_proofs.everybody_is_out_after(store_proofs.restart),),
        cause="store-data-loss",
        where=("sessions",),
        worn_by_scans=True,  # each scan finds its own sessions in the store that was empty
    ),
    Scenario(
        name="php-store-connection-exhaustion",
        build=Held(php.PhpShop(Nginx())),
        proofs=(proofs.state_is_lost, store_proofs.has_no_connection_left),
        cause="store-connection-exhaustion",
        where=("sessions",),
    ),
    Scenario(
        name="django-store-connection-exhaustion",
        build=Held(django.DjangoShop(HAProxy())),
        proofs=(proofs.state_is_lost, store_proofs.has_no_connection_left),
        cause="store-connection-exhaustion",
        where=("sessions",),
    ),
    Scenario(
        name="express-store-connection-exhaustion",
        build=_one_left_out,
        proofs=(proofs.state_is_lost, store_proofs.has_no_connection_left),
        cause="store-connection-exhaustion",
    ),
    Scenario(
        name="php-store-unreachable-password",
        build=php.PhpShop(HAProxy(), nodes=php.every(save_path="tcp://127.0.0.1:{redis}?auth=no-longer")),
        proofs=(proofs.state_is_lost, store_proofs.turns_clients_away),
        cause="store-unreachable",
    ),
    Scenario(
        name="express-store-unreachable-password",
        build=express.ExpressShop(nodes=express.every(store_url=express.WRONG_PASSWORD)),
        proofs=(proofs.state_is_lost, store_proofs.turns_clients_away),
        cause="store-unreachable",
    ),
    Scenario(
        name="express-healthy-ttl-missing",
        build=express.ExpressShop(nodes=express.every(expires=False)),
        proofs=(proofs.state_survives, store_proofs.keys_never_expire("sess:*")),
    ),
    Scenario(
        name="django-ttl-shorter-than-idle",
        build=django.DjangoShop(Nginx(), nodes=django.every(age=60, browser_session=True)),
        proofs=(proofs.state_survives, proofs.keys_live_at_most(60, DJANGO_KEYS)),
        cause="ttl-shorter-than-idle",
    ),
    Scenario(
        name="express-ttl-not-refreshed",
        build=express.ExpressShop(nodes=express.every(touch=False)),
        proofs=(proofs.state_survives, proofs.reading_does_not_extend("sess:*")),
        cause="ttl-not-refreshed",
        where=("sessions",),
    ),
    Scenario(
        name="express-redis-write-blocked-snapshot",
        build=_cannot_save,
        proofs=(proofs.state_is_lost, proofs.store_refused("redis", "MISCONF")),
        cause="redis-write-blocked",
        where=("sessions",),
    ),
    Scenario(
        name="php-redis-write-blocked-replicas",
        build=Configured(php.PhpShop(Nginx()), (("min-replicas-to-write", 1),)),
        proofs=(proofs.state_is_lost, proofs.store_refused("redis", "NOREPLICAS")),
        cause="redis-write-blocked",
        where=("sessions",),
    ),
    Scenario(
        # Django waits for as long as it takes: nothing is lost, and users complain.
        name="django-store-latency-timeout",
        build=Complaining(Busy(django.DjangoShop(Nginx())), "slow"),
        proofs=(store_proofs.answers_after(1000), store_proofs.pages_take(0.5)),
        cause="store-latency-timeout",
        where=("sessions",),
    ),
    Scenario(
        name="express-healthy-evicted-once",
        build=_history,
        proofs=(store_proofs.evicted_once, proofs.state_survives),
    ),
    Scenario(
        name="express-healthy-volatile",
        build=_room,
        proofs=(proofs.state_survives,),
    ),
    Scenario(
        name="express-healthy-restarted",
        build=express.ExpressShop(redis=DURABLE),
        proofs=(store_proofs.nobody_is_out_after(store_proofs.restart), proofs.state_survives),
    ),
    Scenario(
        name="php-healthy-other-database-flushed",
        build=php.PhpShop(Nginx()),
        proofs=(store_proofs.nobody_is_out_after(store_proofs.flush_another_database), proofs.state_survives),
    ),
)
