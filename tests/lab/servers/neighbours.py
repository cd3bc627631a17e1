"""Other clients of a Redis that do it harm for as long as the laboratory runs."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path

import redis

from tests.lab.process import Command
from tests.lab.servers.redis import Redis, client

APPS = Path(__file__).parent.parent / "apps"


@dataclass(frozen=True, slots=True)
class Holder:
    """Holds `count` connections open; ready when none is left for anybody else."""

    store: Redis
    count: int
    name: str = "holder"

    def prepare(self, home: Path) -> Command:
        """Say what to run; `home` stays empty."""
        del home
        store = self.store
        return Command((sys.executable, str(APPS / "holder.py"), str(store.port), store.password, str(self.count)))

    def ready(self) -> bool:
        """Whether the store is full."""
        try:
            with client(self.store) as connection:
                connection.ping()
        except redis.RedisError as error:
            return "max number of clients" in str(error)
        return False


@dataclass(frozen=True, slots=True)
class Hog:
    """Runs scripts of `busy_ms` each with a pause of `rest_ms` in between; ready when one shows in the slow log."""

    store: Redis
    busy_ms: int
    rest_ms: int
    name: str = "hog"

    def prepare(self, home: Path) -> Command:
        """Say what to run; `home` stays empty."""
        del home
        store, times = self.store, (str(self.busy_ms), str(self.rest_ms))
        return Command((sys.executable, str(APPS / "hog.py"), str(store.port), store.password, *times))

    def ready(self) -> bool:
        """Whether it has begun."""
        with client(self.store) as connection:
            return int(connection.slowlog_len()) > 0
