"""memcached: a shared session store that is a cache, alone or several as a ring."""

from __future__ import annotations

import socket
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tests.lab.process import Command, Program

if TYPE_CHECKING:
    from pathlib import Path

ANSWER_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class Memcached:
    """One memcached. `memory` in MiB; `largest_item` as -I takes it; `evicts` False is -M; `connections` is -c."""

    name: str
    port: int = 0
    memory: int = 64
    largest_item: str = "1m"
    evicts: bool = True
    connections: int = 1024

    @property
    def place(self) -> str:
        """What clients are told."""
        return f"127.0.0.1:{self.port}"

    def prepare(self, home: Path) -> Command:
        """Say what to run; `home` stays empty."""
        del home
        options = {"-l": "127.0.0.1", "-p": self.port, "-U": 0, "-m": self.memory, "-I": self.largest_item, "-t": 2}
        options |= {"-c": self.connections, "-u": "root"}
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
        while not answer.endswith((b"END\r\n", b"OK\r\n", b"ERROR\r\n")):
            chunk = connection.recv(65536)
            if not chunk:
                raise ConnectionResetError("it closed the connection")
            answer += chunk
    return answer.decode("latin-1")
