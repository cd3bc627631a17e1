"""Redis: the shared session store."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import redis

from tests.lab.process import Command, Program

if TYPE_CHECKING:
    from pathlib import Path


@dataclass(frozen=True, slots=True)
class Redis:
    """One Redis. `maxmemory` in bytes (0: no limit); `replica_of` is the port of its primary (0: is one itself).

    `extra` are further lines of redis.conf.
    """

    name: str
    port: int = 0
    password: str = ""
    maxmemory: int = 0
    policy: str = "noeviction"
    replica_of: int = 0
    extra: tuple[str, ...] = ()

    def url(self, password: str | None = None, db: int = 0) -> str:
        """The address a client is told; `password` only to tell another than the real one."""
        return f"redis://:{self.password if password is None else password}@127.0.0.1:{self.port}/{db}"

    def prepare(self, home: Path) -> Command:
        """Write redis.conf."""
        config = home / "redis.conf"
        config.write_text(self._config(home))
        return Command((Program("redis-server", "redis-server").path(), str(config)))

    def ready(self) -> bool:
        """Whether it answers, and as a replica is in step with its primary."""
        try:
            with client(self) as connection:
                about = connection.info("replication")
        except redis.RedisError:
            return False
        return str(about.get("master_link_status", "up")) == "up"

    def _config(self, home: Path) -> str:
        lines = [
            f"port {self.port}",
            "bind 127.0.0.1",
            "daemonize no",
            'save ""',
            "appendonly no",
            f"dir {home}",
            "tcp-backlog 64",
            "repl-diskless-sync-delay 0",
            f"requirepass {self.password}",
            f"masterauth {self.password}",  # also for the time after a failover
            f"maxmemory {self.maxmemory}",
            f"maxmemory-policy {self.policy}",
        ]
        if self.replica_of:
            lines.append(f"replicaof 127.0.0.1 {self.replica_of}")
        return "\n".join([*lines, *self.extra]) + "\n"


def client(server: Redis, db: int = 0) -> redis.Redis:
    """A plain client, for readiness and for proofs."""
    return redis.Redis(
        host="127.0.0.1", port=server.port, db=db, password=server.password, socket_timeout=5, decode_responses=True
    )
