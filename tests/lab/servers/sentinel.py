"""Redis Sentinel: tells clients where the primary is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import redis

from tests.lab.process import Command, Program

if TYPE_CHECKING:
    from pathlib import Path

SERVICE = "mymaster"


@dataclass(frozen=True, slots=True)
class Sentinel:
    """One sentinel that watches the Redis on the port `primary`; it decides nothing alone."""

    name: str
    primary: int
    password: str
    port: int = 0

    def prepare(self, home: Path) -> Command:
        """Write sentinel.conf, which the sentinel rewrites."""
        config = home / "sentinel.conf"
        lines = [
            f"port {self.port}",
            "bind 127.0.0.1",
            f'dir "{home}"',
            f"sentinel monitor {SERVICE} 127.0.0.1 {self.primary} 2",
            f"sentinel auth-pass {SERVICE} {self.password}",
            f"sentinel down-after-milliseconds {SERVICE} 60000",
        ]
        config.write_text("\n".join(lines) + "\n")
        return Command((Program("redis-sentinel", "redis-sentinel").path(), str(config)))

    def ready(self) -> bool:
        """Whether it knows its primary."""
        try:
            with redis.Redis(host="127.0.0.1", port=self.port, socket_timeout=5) as connection:
                return bool(connection.execute_command("SENTINEL GET-MASTER-ADDR-BY-NAME", SERVICE))
        except redis.RedisError:
            return False
