"""Another client of a Redis, who wants a PONG 500 times a second: `python -m tests.benchmarks.bystander PORT`.

In a process of its own, until its standard input is closed; then it prints its waiting times in milliseconds.
"""

from __future__ import annotations

import json
import select
import socket
import subprocess
import sys
import time
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

HERTZ = 500
SETTLED_S = 0.3


@dataclass(slots=True)
class Bystander:
    """What one had to wait, in milliseconds; empty until it has gone."""

    waits: tuple[float, ...] = ()

    def quantile(self, share: float) -> float:
        """By nearest rank."""
        return sorted(self.waits)[min(len(self.waits) - 1, int(share * len(self.waits)))]

    def __str__(self) -> str:
        """The figures of a table."""
        return (
            f"{self.quantile(0.5):6.2f} {self.quantile(0.99):6.2f} {self.quantile(0.999):7.2f} {max(self.waits):6.1f}"
        )


@contextmanager
def bystander(port: int) -> Iterator[Bystander]:
    """One that looks on during the block."""
    command = (sys.executable, "-m", "tests.benchmarks.bystander", str(port))
    found = Bystander()
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout
        process.stdout.readline()
        yield found
        out, _ = process.communicate()
        found.waits = tuple(json.loads(out))


def watch(port: int) -> list[float]:
    """Asks and waits until standard input is closed."""
    waits: list[float] = []
    with socket.create_connection(("127.0.0.1", port)) as link:
        link.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        settled = time.perf_counter() + SETTLED_S
        following, told = settled - SETTLED_S, False
        while not told or not select.select([sys.stdin], [], [], 0)[0]:
            began = time.perf_counter()
            link.sendall(b"PING\r\n")
            link.recv(64)
            now = time.perf_counter()
            if told:
                waits.append(1000 * (now - began))
            elif now > settled:
                told = True
                sys.stdout.write("ready\n")
                sys.stdout.flush()
            following = max(following + 1 / HERTZ, now)
            time.sleep(max(0.0, following - now))
    return waits


if __name__ == "__main__":
    json.dump(watch(int(sys.argv[1])), sys.stdout)
