"""chrony: a time server that is off by as much as it is told."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING

import ntplib

from tests.lab.process import Command, Program
from tests.lab.servers.express import faketime

if TYPE_CHECKING:
    from pathlib import Path


@dataclass(frozen=True, slots=True)
class Chrony:
    """One time server. `clock` is an offset such as "+5s"; "" for the real time."""

    name: str
    clock: str = ""
    port: int = 0

    @property
    def place(self) -> str:
        """host:port."""
        return f"127.0.0.1:{self.port}"

    def prepare(self, home: Path) -> Command:
        """Write chrony.conf. The clock of the machine is not touched (-x)."""
        config = home / "chrony.conf"
        config.write_text(CONFIG.format(port=self.port, home=home))
        chronyd = Program("chronyd", "chrony").path()
        user = ("-u", "root") if os.geteuid() == 0 else ("-U",)
        return Command((chronyd, "-d", "-x", "-f", str(config), *user), faketime(self.clock))

    def ready(self) -> bool:
        """Whether it tells the time."""
        try:
            ntplib.NTPClient().request("127.0.0.1", port=self.port, version=3, timeout=0.5)
        except (OSError, ntplib.NTPException):
            return False
        return True


CONFIG = """\
port {port}
bindaddress 127.0.0.1
allow 127.0.0.0/8
local stratum 5
cmdport 0
bindcmdaddress /
pidfile {home}/chrony.pid
driftfile {home}/drift
"""
