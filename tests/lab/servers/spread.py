"""A balancer for TCP: what a Service of Kubernetes does in front of several pods."""

from __future__ import annotations

import socket
import sys
from dataclasses import dataclass
from pathlib import Path

from tests.lab.process import Command

APPS = Path(__file__).parent.parent / "apps"


@dataclass(frozen=True, slots=True)
class Spread:
    """Leads each connection to the next of these ports."""

    servers: tuple[int, ...]
    port: int = 0
    name: str = "spread"

    def prepare(self, home: Path) -> Command:
        """Say what to run; `home` stays empty."""
        del home
        return Command((sys.executable, str(APPS / "spread.py"), str(self.port), *map(str, self.servers)))

    def ready(self) -> bool:
        """Whether it listens."""
        with socket.socket() as attempt:
            return attempt.connect_ex(("127.0.0.1", self.port)) == 0
