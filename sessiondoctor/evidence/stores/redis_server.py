"""One Redis (or Valkey, KeyDB): its own figures."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence


@dataclass(frozen=True, slots=True)
class SlowCommand:
    """An entry of the slow log: the command's name, never its arguments; how long it took, how long ago."""

    command: str
    took_ms: float
    age_s: int


@dataclass(frozen=True, slots=True)
class Spike:
    """An entry of LATENCY LATEST: `fork`, `command`, `aof-fsync-always` ...; the latest."""

    event: str
    latest_ms: int
    age_s: int


@dataclass(frozen=True, slots=True)
class Speed:
    """How fast it answers. Milliseconds; None where it was not measured or may not be asked.

    Attributes:
        median_ms, slowest_ms: of our own round trips.
        fork_ms: how long it stood still in its latest fork.
        slow: its slow log, newest first.
        spikes: what its latency monitor noticed.
    """

    median_ms: float | None = None
    slowest_ms: float | None = None
    fork_ms: float = 0.0
    slow: tuple[SlowCommand, ...] | None = None
    spikes: tuple[Spike, ...] | None = None


@dataclass(frozen=True, slots=True)
class Persistence:
    """What a Redis keeps on disk besides `RedisServer.persistence`, which says by what.

    Attributes:
        loaded: keys that it read from disk when it started; None before Redis 7.
    """

    loaded: int | None = None


@dataclass(frozen=True, slots=True)
class Replication:
    """Who copies a primary, or how well a replica copies.

    Attributes:
        replicas: connected to this primary.
        good: of these, in touch often enough for `min-replicas-to-write`; None without that setting.
        silent_s: since a replica last heard of its primary; None for a primary.
        behind: bytes by which the slowest replica of a primary is behind.
    """

    replicas: int = 0
    good: int | None = None
    silent_s: int | None = None
    behind: int = 0


@dataclass(frozen=True, slots=True)
class RedisServer:
    """What INFO, SLOWLOG, LATENCY and CONFIG GET say, in bytes and seconds; None where it does not tell or may not.

    Attributes:
        databases: `db0` -> keys, expires, avg_ttl (milliseconds).
        errors: `errorstat_*` counters by error name (OOM, READONLY, MISCONF ...): the store's own history of failures.
        commands: calls of the commands that destroy or protect sessions (flushall, flushdb, del, expire, set, setex).
        evicted_delta: keys evicted between two looks, `delta_s` apart (0.0: it did not answer twice); so all `*_delta`.
        restarted: another process answered the second look, which had just begun.
        processes: how many servers answered at its URL, one connection after the other.
        notify: the `notify-keyspace-events` setting.
        missing_rights: commands that the user's ACL refused, or that were not tried because it presumably would.
        shards: host:port of each primary of a Redis Cluster, whose figures are then added up (`merged`).
        copies_refused: host:port of its replicas, and how many writes each has refused since its start, because it is
            one; asked where sentinels lead to the store. `copies_refused_delta`: of these between the two looks.
    """

    store: str
    endpoint: str
    version: str
    role: str
    uptime_s: int
    databases: dict[str, dict[str, int]] = field(default_factory=dict)
    used_memory: int = 0
    maxmemory: int = 0
    policy: str = ""
    evicted_keys: int = 0
    evicted_delta: int = 0
    hits: int = 0
    misses: int = 0
    delta_s: float = 0.0
    connected_clients: int = 0
    maxclients: int | None = None
    rejected_connections: int = 0
    rejected_delta: int = 0
    errors: dict[str, int] = field(default_factory=dict)
    errors_delta: dict[str, int] = field(default_factory=dict)
    commands: dict[str, int] = field(default_factory=dict)
    commands_delta: dict[str, int] = field(default_factory=dict)
    rdb_last_bgsave_ok: bool = True
    aof_last_write_ok: bool = True
    loading: bool = False
    restarted: bool = False
    processes: int = 1
    persistence: str = ""
    disk: Persistence = field(default_factory=Persistence)
    replication: Replication = field(default_factory=Replication)
    speed: Speed = field(default_factory=Speed)
    notify: str | None = None
    missing_rights: tuple[str, ...] = ()
    shards: tuple[str, ...] = ()
    copies_refused: dict[str, int] = field(default_factory=dict)
    copies_refused_delta: dict[str, int] = field(default_factory=dict)

    @property
    def filled(self) -> float:
        """The share of `maxmemory` that is used; 0.0 without a limit."""
        return self.used_memory / self.maxmemory if self.maxmemory else 0.0

    @property
    def keys(self) -> int:
        """Keys in all databases."""
        return sum(database.get("keys", 0) for database in self.databases.values())

    @property
    def expiring(self) -> int:
        """Keys with an expiry in all databases: the only ones that `volatile-*` may evict."""
        return sum(database.get("expires", 0) for database in self.databases.values())


def merged(home: str, servers: Sequence[RedisServer]) -> RedisServer:
    """One account of all the shards of a cluster: that of the fullest one, with the counters of all added up."""
    if len(servers) == 1:
        return servers[0]
    fullest = max(servers, key=lambda server: (server.role in {"slave", "replica"}, server.filled))

    def total(name: str) -> int:
        return sum(getattr(server, name) for server in servers)

    def totals(name: str) -> dict[str, int]:
        return _sum(getattr(server, name) for server in servers)

    added: dict[str, Any] = {name: total(name) for name in _COUNTERS} | {name: totals(name) for name in _TABLES}
    return replace(
        fullest,
        **added,
        endpoint=home,
        uptime_s=min(server.uptime_s for server in servers),
        databases={"db0": _sum(server.databases.get("db0", {}) for server in servers)},
        rdb_last_bgsave_ok=all(server.rdb_last_bgsave_ok for server in servers),
        aof_last_write_ok=all(server.aof_last_write_ok for server in servers),
        loading=any(server.loading for server in servers),
        restarted=any(server.restarted for server in servers),
        missing_rights=tuple(sorted({right for server in servers for right in server.missing_rights})),
        shards=tuple(server.endpoint for server in servers),
    )


_COUNTERS = (
    "evicted_keys", "evicted_delta", "hits", "misses", "rejected_connections",
    "rejected_delta",
)  # fmt: skip
_TABLES = ("errors", "errors_delta", "commands", "commands_delta")


def _sum(tables: Iterable[Mapping[str, int]]) -> dict[str, int]:
    total: Counter[str] = Counter()
    for table in tables:
        total.update(table)
    return dict(total)
