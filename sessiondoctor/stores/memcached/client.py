"""A small memcached client: it only reads, never touches an item, and is bounded in size and time.

Protocol: memcached, doc/protocol.txt: the text protocol, with `me` of the meta commands (1.6) and
`lru_crawler metadump` (1.4.31). Neither counts as an access; `get` and `mg` do.
"""

from __future__ import annotations

import asyncio
import re
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import unquote_to_bytes

from sessiondoctor.errors import Unavailable, Unreachable
from sessiondoctor.stores.memcached.address import Address
from sessiondoctor.stores.memcached.refusal import hung_up, is_error, not_memcached, refusal
from sessiondoctor.wire import failure
from sessiondoctor.wire.peers import addresses
from sessiondoctor.wire.unix_socket import open_unix

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

CONNECT_S = 3.0
"""Seconds for name lookup and TCP."""

ANSWER_S = 5.0
"""Seconds for an answer; of a dump, for its next part."""

DUMP_BYTES = 512 * 1024 * 1024
"""What a dump may come to: some four million items."""

HANDSHAKE = 1
"""Commands before the first question: version."""

_CHUNK = 256 * 1024
_ANSWER_BYTES = 1024 * 1024
_LINE_BYTES = 16 * 1024  # a key of 250 octets, each written as %XX, and seven numbers
_BUSY_TRIES = 5
_TICKS = 3
_LONGEST_NUMBER = 20  # digits of 64 bits
_BUSY_REST_S = 0.1
_KEY = re.compile(rb"[!-~\x80-\xff]{1,250}")
_DUMP = "lru_crawler metadump"
_ALLOWED = {"version", "stats", "stats settings", "stats items", "me", _DUMP + " all"}
_ITEM = re.compile(
    rb"^key=(\S{1,750}) exp=(-?[0-9]{1,12}) la=-?[0-9]{1,12} (?:[^\n]{0,200} )?size=([0-9]{1,12})", re.MULTILINE
)
_END = re.compile(rb"(?:\A|\n)END\r?\Z")
_ABOUT = re.compile(rb" (exp|cas|size)=(-?[0-9]{1,20})")


@dataclass(frozen=True, slots=True)
class Item:
    """What a server tells of one item without giving it out.

    Attributes:
        ttl_s: seconds to live; -1 without expiry.
        cas: another one after each write; 0 where the server keeps none (`-C`).
        size: bytes with key and overhead.
    """

    ttl_s: float
    cas: int
    size: int


Listed = tuple[bytes, int, int]
"""A key as the dump writes it (percent-encoded), its expiry in unix seconds (-1 never), its size in bytes."""


@dataclass(slots=True, eq=False)
class Link:
    """An open connection to one memcached. `turn` is held by whoever asks: one at a time."""

    address: Address
    reader: asyncio.StreamReader = field(repr=False)
    writer: asyncio.StreamWriter = field(repr=False)
    version: str = ""
    turn: asyncio.Lock = field(default_factory=asyncio.Lock, repr=False)

    @property
    def place(self) -> str:
        """`host:port` or the socket's path."""
        return self.address.place

    async def stats(self, what: str = "") -> dict[str, str]:
        """The answer to `stats`, `stats settings` or `stats items`.

        Raises:
            Unreachable: the connection broke, or the answer was not complete within `ANSWER_S`.
            MemcachedTrouble: it is no memcached, or may not be asked.
        """
        command = f"stats {what}".strip()
        async with self.turn, self._in_time():
            self._send(command)
            found: dict[str, str] = {}
            received = 0
            while (line := await self._line(command)) != b"END":
                received += len(line)
                word, _, rest = line.partition(b" ")
                if word != b"STAT" or received > _ANSWER_BYTES:
                    raise not_memcached(self.place)
                name, _, value = rest.decode("latin-1").partition(" ")
                found[name] = value
        return found

    async def about(self, key: bytes) -> Item | None:
        """What there is to say of an item; None if it is not there. It does not count as an access.

        Raises:
            MemcachedTrouble: the server is older than 1.6, or does not answer as one.
        """
        if not _KEY.fullmatch(key):
            return None
        async with self.turn, self._in_time():
            self._send("me", key)
            line = await self._line("me")
        if line == b"EN":
            return None
        if not line.startswith(b"ME "):
            raise not_memcached(self.place)
        told = {name: int(value) for name, value in _ABOUT.findall(line)}
        # 1.6 tells the time left as a negative number (proto_text.c: current_time - exptime), and -1 for none.
        ttl = told.get(b"exp", -1)
        return Item(float(ttl if ttl == -1 else abs(ttl)), told.get(b"cas", 0), told.get(b"size", 0))

    async def clock(self) -> int:
        """The server's own time, in Unix seconds: it advances once a second.

        Raises:
            MemcachedTrouble: it does not tell.
        """
        now = number(await self.stats(), "time")
        if not now:
            raise not_memcached(self.place)
        return now

    async def expires_at(self, key: bytes) -> int | None:
        """When an item expires by the server's clock, in Unix seconds; -1 for never, None if it is not there.

        Raises:
            MemcachedTrouble: the server is older than 1.6, or does not answer as one.
        """
        expires = -1
        for _ in range(_TICKS):
            before, now, after = await self.about(key), await self.clock(), await self.about(key)
            if before is None or before.ttl_s < 0:
                return None if before is None else -1
            expires = now + int(before.ttl_s)
            if before == after:  # no second began in between
                break
        return expires

    async def dump(self) -> AsyncIterator[list[Listed]]:
        """Every item's key, expiry and size, part by part (`lru_crawler metadump all`).

        Raises:
            MemcachedTrouble: dumps are switched off or not known, or others are under way all the time.
            Unavailable: it is too long.
        """
        async with self.turn:
            part = await self._first_of_dump()
            received = len(part)
            while True:
                whole, _, rest = part.rpartition(b"\n")
                yield [(key, int(exp), int(size)) for key, exp, size in _ITEM.findall(whole)]
                if _END.search(whole):
                    return
                if len(rest) > _LINE_BYTES:
                    raise not_memcached(self.place)
                async with self._in_time():
                    chunk = await self._read(_DUMP)
                received += len(chunk)
                if received > DUMP_BYTES:
                    raise Unavailable(f"{self.place} has more items than can be listed")
                part = rest + chunk

    async def greet(self) -> None:
        """Asks the version, which every server tells.

        Raises:
            MemcachedTrouble: it is no memcached, or does not let us in.
        """
        async with self._in_time():
            self._send("version")
            line = await self._line("version")
        word, _, version = line.partition(b" ")
        if word != b"VERSION":
            raise not_memcached(self.place)
        self.version = version[:40].decode("latin-1")

    async def aclose(self) -> None:
        """Closes at once."""
        self.writer.transport.abort()
        await asyncio.sleep(0)  # the socket is closed in the next turn of the loop

    async def _first_of_dump(self) -> bytes:
        """Starts a dump; a server makes only one at a time. Returns its first whole lines and some more."""
        for attempt in range(_BUSY_TRIES):
            await asyncio.sleep(attempt * _BUSY_REST_S)
            self._send(_DUMP + " all")
            async with self._in_time():
                part = await self._read(_DUMP)
                while b"\n" not in part and len(part) < _LINE_BYTES:
                    part += await self._read(_DUMP)
            if not part.startswith(b"BUSY"):
                break
        line = part.partition(b"\n")[0].rstrip(b"\r")
        if is_error(line) or line.startswith(b"BUSY"):
            raise refusal(self.place, line, _DUMP)
        if line != b"END" and not _ITEM.match(line):
            raise not_memcached(self.place)
        return part

    def _send(self, command: str, key: bytes = b"") -> None:
        if command not in _ALLOWED:
            raise ValueError(f"{command} is not among the reading commands")
        self.writer.write(command.encode("ascii") + (b" " + key if key else b"") + b"\r\n")

    async def _line(self, command: str) -> bytes:
        """One line that is no error, without its end."""
        try:
            line = (await self.reader.readuntil(b"\n")).rstrip(b"\r\n")
        except asyncio.IncompleteReadError as error:
            raise self._ended(command, error.partial) from None
        except asyncio.LimitOverrunError:
            raise not_memcached(self.place) from None
        if is_error(line):
            raise refusal(self.place, line, command)
        return line

    async def _read(self, command: str) -> bytes:
        chunk = await self.reader.read(_CHUNK)
        if not chunk:
            raise self._ended(command, b"")
        return chunk

    def _ended(self, command: str, partial: bytes) -> Unavailable:
        if command == "version" and not partial:
            return hung_up(self.place)
        return Unreachable(f"{self.place}: closed the connection without an answer", trouble="closed")

    @asynccontextmanager
    async def _in_time(self) -> AsyncIterator[None]:
        """Bounds the wait for an answer, and tells in our words how a connection broke."""
        try:
            async with asyncio.timeout(ANSWER_S):
                yield
        except OSError as error:
            raise failure.broken(self.place, error, ANSWER_S, 0) from None


@asynccontextmanager
async def connect(address: Address) -> AsyncIterator[Link]:
    """A connection to one server, closed at the end of the block.

    Raises:
        Unreachable: it does not answer.
        MemcachedTrouble: it does not let us in, or is no memcached with the text protocol.
    """
    try:
        async with asyncio.timeout(CONNECT_S):
            reader, writer = await _streams(address)
    except OSError as error:
        raise failure.not_connected(address.place, error, CONNECT_S) from None
    link = Link(address, reader, writer)
    try:
        await link.greet()
        yield link
    finally:
        await link.aclose()


def number(stats: dict[str, str], name: str) -> int:
    """A figure of `stats`; 0 where there is none, or no number."""
    text = stats.get(name, "")
    return int(text) if text.isascii() and text.isdigit() and len(text) <= _LONGEST_NUMBER else 0


def key_of(listed: bytes) -> bytes:
    """The key that a dump wrote percent-encoded."""
    return unquote_to_bytes(listed) if b"%" in listed else listed


async def _streams(address: Address) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    if address.path:
        return await open_unix(address.path, limit=_CHUNK)
    problem: OSError = ConnectionError()
    for ip in await addresses(address.host, address.port, address.place):
        try:
            return await asyncio.open_connection(ip, address.port, limit=_CHUNK)
        except OSError as error:
            problem = error
    raise problem
