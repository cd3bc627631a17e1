"""A scripted memcached that speaks the text protocol, for the tests of stores and probes."""

from __future__ import annotations

import time
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import quote_from_bytes

from sessiondoctor.topology.model import Store
from sessiondoctor.topology.secret import Secret
from tests.fakes.peers import tcp

if TYPE_CHECKING:
    import asyncio
    from collections.abc import AsyncIterator, Callable

Stats = dict[str, int | str]


@dataclass(slots=True)
class FakeMemcached:
    """A running server.

    Attributes:
        items: key -> (seconds to live, cas, size).
        stats: what `stats` answers, besides the time; each next look takes the next of several.
        refuses: a command that it does not know, and what it answers.
        asked: every command.
    """

    port: int = 0
    items: dict[bytes, tuple[int, int, int]] = field(default_factory=dict)
    stats: list[Stats] = field(default_factory=list)
    settings: Stats = field(default_factory=dict)
    classes: list[Stats] = field(default_factory=list)
    refuses: dict[bytes, bytes] = field(default_factory=dict)
    asked: list[bytes] = field(default_factory=list)

    @property
    def place(self) -> str:
        """host:port."""
        return f"127.0.0.1:{self.port}"

    @property
    def url(self) -> str:
        """As a topology file has it."""
        return f"memcached://{self.place}"

    def store(self, value: bytes, ttl: int = 1800, size: int = 200) -> None:
        """A write."""
        self.items[value] = (ttl, self.items.get(value, (0, 0, 0))[1] + 1, size)

    def answer(self, line: bytes) -> bytes:
        """To one command."""
        self.asked.append(line)
        for command, refusal in self.refuses.items():
            if line.startswith(command):
                return refusal
        if line.startswith(b"me "):
            return self._about(line[3:])
        answers: dict[bytes, Callable[[], bytes]] = {
            b"version": lambda: b"VERSION 1.6.18\r\n",
            b"stats": lambda: _stats({**self._usual(), **_next(self.stats)}),
            b"stats settings": lambda: _stats(self.settings),
            b"stats items": lambda: _stats(_next(self.classes)),
            b"lru_crawler metadump all": lambda: b"".join(map(self._listed, self.items)) + b"END\r\n",
        }
        found = answers.get(line)
        return found() if found else b"ERROR\r\n"

    def _usual(self) -> Stats:
        return {"time": int(time.time()), "curr_items": len(self.items), "get_misses": 0}

    def _about(self, key: bytes) -> bytes:
        if key not in self.items:
            return b"EN\r\n"
        ttl, cas, size = self.items[key]
        left = -1 if ttl < 0 else -ttl  # as memcached 1.6 has it
        return b"ME %b exp=%d la=3 cas=%d fetch=no cls=2 size=%d\r\n" % (key, left, cas, size)

    def _listed(self, key: bytes) -> bytes:
        ttl, cas, size = self.items[key]
        end = -1 if ttl < 0 else int(time.time()) + ttl
        name = quote_from_bytes(key, safe="-._~").encode()
        return b"key=%b exp=%d la=%d cas=%d fetch=no cls=2 size=%d\n" % (name, end, int(time.time()), cas, size)


def _next(looks: list[Stats]) -> Stats:
    """The first look, and the last one for ever."""
    return looks.pop(0) if len(looks) > 1 else (looks or [{}])[0]


def _stats(stats: Stats) -> bytes:
    return b"".join(f"STAT {name} {value}\r\n".encode() for name, value in stats.items()) + b"END\r\n"


@asynccontextmanager
async def memcached(server: FakeMemcached) -> AsyncIterator[FakeMemcached]:
    """Runs it until the block ends."""

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while line := await reader.readline():
            writer.write(server.answer(line.rstrip(b"\r\n")))
            await writer.drain()

    async with tcp(talk) as port:
        server.port = port
        yield server


def memcached_store(*urls: str, keys: str = "") -> Store:
    """A store called `sessions`."""
    return Store("sessions", "memcached", url=tuple(Secret(url) for url in urls), keys=keys)
