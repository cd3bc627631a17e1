"""Memory pressure for a Redis: a neighbour that fills it for as long as the laboratory runs."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path

from tests.lab.process import Command
from tests.lab.servers.redis import Redis, client

APP = Path(__file__).parent.parent / "apps" / "filler.py"


@dataclass(frozen=True, slots=True)
class Filler:
    """Writes `rate` values of `size` bytes a second; ready when the store has begun to evict."""

    store: Redis
    size: int = 20_000
    rate: int = 40
    name: str = "filler"

    def prepare(self, home: Path) -> Command:
        """Say what to run; `home` stays empty."""
        del home
        store = self.store
        return Command((sys.executable, str(APP), str(store.port), store.password, str(self.size), str(self.rate)))

    def ready(self) -> bool:
        """Whether something had to go."""
        with client(self.store) as connection:
            return int(connection.info("stats")["evicted_keys"]) > 0
