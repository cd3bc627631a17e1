"""memcached: a shared session store that is a cache, alone or several as a ring."""

from __future__ import annotations

import socket
import sys
from dataclasses import dataclass
from pathlib import Path

from tests.lab.process import Command, Program

APPS = Path(__file__).parent.parent / "apps"
ANSWER_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class Memcached:
    """One memcached. `memory` in MiB; `largest_item` in KiB; `evicts` False is -M; `connections` is -c."""

    name: str
    port: int = 0
    memory: int = 64
    largest_item: int = 1024
    evicts: bool = True
    connections: int = 1024

    @property
    def place(self) -> str:
        """What clients are told."""
        return f"127.0.0.1:{self.port}"

    def prepare(self, home: Path) -> Command:
        """Say what to run; `home` stays empty."""
        del home
        options = {
            "-l": "127.0.0.1",
            "-p": self.port,
            "-U": 0,
            "-m": self.memory,
            "-I": f"{self.largest_item}k",
            "-t": 2,
        }
        # Larger items are kept in chunks of this many bytes: half a MiB, which may not be more than an item.
        options |= {"-c": self.connections, "-u": "root", "-o": f"slab_chunk_max={1024 * min(512, self.largest_item)}"}
        words = (str(word) for option in options.items() for word in option)
        return Command((Program("memcached", "memcached").path(), *words, *(() if self.evicts else ("-M",))))

    def ready(self) -> bool:
        """Whether it answers."""
        try:
            return bool(stats(self))
        except OSError:
            return False


def stats(server: Memcached) -> dict[str, str]:
    """What it says of itself; a plain client, for readiness and for proofs. Raises `OSError`."""
    lines = told(server, b"stats\r\n").splitlines()
    return dict(line.split(" ", 2)[1:] for line in lines if line.startswith("STAT "))


def keys(server: Memcached) -> list[str]:
    """The keys that it holds, as the dump writes them."""
    lines = told(server, b"lru_crawler metadump all\r\n").splitlines()
    return [line.split(" ", 1)[0].removeprefix("key=") for line in lines if line.startswith("key=")]


def told(server: Memcached, command: bytes) -> str:
    """Everything that it answers to a command, up to the line that ends it. Raises `OSError`."""
    with socket.create_connection(("127.0.0.1", server.port), ANSWER_SECONDS) as connection:
        connection.sendall(command)
        answer = b""
        while not answer.endswith((b"END\r\n", b"OK\r\n", b"ERROR\r\n")) and not answer.startswith(
            (b"VERSION", b"ERROR")
        ):
            chunk = connection.recv(65536)
            if not chunk:
                raise ConnectionResetError("it closed the connection")
            answer += chunk
    return answer.decode("latin-1")


@dataclass(frozen=True, slots=True)
class Filler:
    """A neighbour: writes `rate` values of `size` bytes a second; ready when `counter` has begun to rise."""

    store: Memcached
    counter: str = "evictions"
    size: int = 20_150
    rate: int = 60
    name: str = "filler"

    def prepare(self, home: Path) -> Command:
        """Say what to run; `home` stays empty."""
        del home
        words = (str(APPS / "memcached_filler.py"), str(self.store.port), str(self.size), str(self.rate))
        return Command((sys.executable, *words))

    def ready(self) -> bool:
        """Whether something had to go, or was refused."""
        return int(stats(self.store)[self.counter]) > 0


@dataclass(frozen=True, slots=True)
class Holder:
    """Holds `count` connections open; ready when none is left for anybody else."""

    store: Memcached
    count: int
    name: str = "holder"

    def prepare(self, home: Path) -> Command:
        """Say what to run; `home` stays empty."""
        del home
        return Command((sys.executable, str(APPS / "memcached_holder.py"), str(self.store.port), str(self.count)))

    def ready(self) -> bool:
        """Whether the store is full."""
        return is_full(self.store)


def is_full(server: Memcached) -> bool:
    """Whether it has no connection left."""
    try:
        return "Too many open connections" in told(server, b"version\r\n")
    except OSError:
        return False
