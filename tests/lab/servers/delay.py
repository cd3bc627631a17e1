"""A line to a server that is slow in one direction or in both."""

from __future__ import annotations

import socket
import sys
from dataclasses import dataclass
from pathlib import Path

from tests.lab.process import Command

APPS = Path(__file__).parent.parent / "apps"


@dataclass(frozen=True, slots=True)
class Delay:
    """Passes on what the primary sends `seconds` late, after `grace` seconds of a connection.

    Attributes:
        there_s: the same for what is sent to it.
    """

    primary: int
    seconds: float
    grace: float = 2.0
    port: int = 0
    name: str = "delay"
    there_s: float = 0.0

    def prepare(self, home: Path) -> Command:
        """Say what to run; `home` stays empty."""
        del home
        numbers = (self.port, self.primary, self.seconds, self.grace, self.there_s)
        return Command((sys.executable, str(APPS / "delay.py"), *map(str, numbers)))

    def ready(self) -> bool:
        """Whether it listens."""
        with socket.socket() as attempt:
            return attempt.connect_ex(("127.0.0.1", self.port)) == 0
