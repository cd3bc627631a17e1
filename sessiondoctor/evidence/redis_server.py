"""One Redis (or Valkey, KeyDB): its own figures and a census of the session keys."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class RedisServer:
    """What INFO, CONFIG GET and TIME say. Bytes and seconds; None where the server does not tell or may not be asked.

    Attributes:
        errors: `errorstat_*` counters by error name (OOM, READONLY, MISCONF ...): the store's own history of failures.
        commands: calls of the commands that destroy or protect sessions (flushall, flushdb, del, expire, set, setex).
        evicted_delta: keys evicted between two looks, `delta_s` apart.
        missing_rights: commands that the user's ACL refused.
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
    expired_keys: int = 0
    delta_s: float = 0.0
    connected_clients: int = 0
    maxclients: int | None = None
    rejected_connections: int = 0
    errors: dict[str, int] = field(default_factory=dict)
    commands: dict[str, int] = field(default_factory=dict)
    rdb_last_bgsave_ok: bool = True
    aof_last_write_ok: bool = True
    loading: bool = False
    persistence: str = ""
    master_link_up: bool | None = None
    missing_rights: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Quantiles:
    """Of a sample: smallest, 50 %, 95 %, largest; `count` values."""

    count: int
    low: float
    median: float
    high: float
    top: float


@dataclass(frozen=True, slots=True)
class Group:
    """Session keys of one prefix.

    Attributes:
        product: whose layout it is (`connect-redis`, `spring-session` ...), or `declared` for the topology's pattern.
        keys: how many in the sample.
        share: of all sampled keys, 0..1.
        ttl_s: of those with an expiry; None if none has.
        without_ttl: how many have none.
        size_bytes: MEMORY USAGE; None if it may not be asked.
        encodings: how many values start like java, json, php ... (a few values looked at).
    """

    product: str
    prefix: str
    keys: int
    share: float
    ttl_s: Quantiles | None
    without_ttl: int
    size_bytes: Quantiles | None
    types: dict[str, int] = field(default_factory=dict)
    encodings: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Census:
    """A sample of the keys of one database; `exact` when the sample is everything."""

    store: str
    database: int
    total_keys: int
    sampled: int
    exact: bool
    groups: tuple[Group, ...]
    other_keys: int
    other_without_ttl: int


@dataclass(frozen=True, slots=True)
class StoreReach:
    """Whether a declared store answers its protocol from here. A refused connection is an observation.

    Attributes:
        trouble: refused, timeout, dns, tls, closed, auth or not-redis; empty if it answers.
        reason: one line for the user.
    """

    store: str
    endpoint: str
    answers: bool
    trouble: str = ""
    reason: str = ""
