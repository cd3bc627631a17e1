"""The proxy in front of a site and its nodes that gives what they answer the shape of the world (apps/veil.py)."""

from __future__ import annotations

import json
import socket
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from tests.lab.process import Command

PROGRAM = Path(__file__).parent.parent / "apps" / "veil.py"


@dataclass(frozen=True, slots=True)
class Veil:
    """One proxy for many ports: `ports` are the real ones by the public ones, `tls` the public ones with TLS.

    `effects` are what it does, by the names of `Shape`.
    """

    effects: Mapping[str, bool]
    ports: Mapping[int, int]
    tls: tuple[int, ...] = ()
    certificate: Path | None = None
    name: str = "veil"

    def prepare(self, home: Path) -> Command:
        """Write its settings."""
        settings = home / "settings.json"
        told = {"ports": self.ports, "tls": self.tls, "certificate": str(self.certificate), **self.effects}
        settings.write_text(json.dumps(told))
        return Command((sys.executable, str(PROGRAM), str(settings)))

    def ready(self) -> bool:
        """Whether its last port accepts."""
        *_, last = self.ports
        try:
            socket.create_connection(("127.0.0.1", last), timeout=1).close()
        except OSError:
            return False
        return True
