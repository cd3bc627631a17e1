"""One Redis (or Valkey, KeyDB): its own figures."""

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
