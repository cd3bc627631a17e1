"""Peers for the probes' tests: scripted TCP servers, one that speaks the Redis protocol, and a context."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from sessiondoctor.context import Context, Options
from sessiondoctor.probes.contract import Absent, Probe
from sessiondoctor.redact import Redactor
from sessiondoctor.topology.model import Site, Store, Topology
from sessiondoctor.topology.secret import Secret
from tests.fakes.serving import wire

if TYPE_CHECKING:
    import ssl
    from pathlib import Path

    from sessiondoctor.wire.client import Wire

Accept = Callable[[asyncio.StreamReader, asyncio.StreamWriter], None]

Talk = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]
Reply = Callable[[tuple[str, ...]], bytes]
"""From a command and its arguments to the bytes of the reply."""

OK = b"+OK\r\n"
PONG = b"+PONG\r\n"
TIME = b"*2\r\n$10\r\n1700000000\r\n$6\r\n250000\r\n"
BASIC: dict[tuple[str, ...], bytes] = {("PING",): PONG, ("TIME",): TIME}


@asynccontextmanager
async def tcp(talk: Talk, *, tls: ssl.SSLContext | None = None) -> AsyncIterator[int]:
    """Serves each connection by `talk` until the block ends; yields the port on 127.0.0.1."""

    async def start(accept: Accept) -> asyncio.Server:
        return await asyncio.start_server(accept, "127.0.0.1", 0, ssl=tls)

    async with _serving(talk, start) as server:
        yield server.sockets[0].getsockname()[1]


@asynccontextmanager
async def unix(talk: Talk, path: Path) -> AsyncIterator[None]:
    """The same on a Unix socket."""

    async def start(accept: Accept) -> asyncio.Server:
        return await asyncio.start_unix_server(accept, path)

    async with _serving(talk, start):
        yield


@asynccontextmanager
async def _serving(talk: Talk, start: Callable[[Accept], Awaitable[asyncio.Server]]) -> AsyncIterator[asyncio.Server]:
    tasks: set[asyncio.Task[None]] = set()

    async def visit(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await talk(reader, writer)
        except (OSError, asyncio.IncompleteReadError):  # the client has gone
            pass
        finally:
            writer.transport.abort()

    def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.create_task(visit(reader, writer))
        tasks.add(task)
        task.add_done_callback(tasks.discard)

    server = await start(accept)
    try:
        yield server
    finally:
        server.close()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await asyncio.sleep(0.001)


class _Datagrams(asyncio.DatagramProtocol):
    """Answers each packet as told; no bytes are no answer."""

    def __init__(self, answer: Callable[[bytes], bytes]) -> None:
        self._answer = answer

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keeps the socket."""
        self._transport: Any = transport

    def datagram_received(self, data: bytes, address: Any) -> None:
        """Answers."""
        if answer := self._answer(data):
            self._transport.sendto(answer, address)


@asynccontextmanager
async def udp(answer: Callable[[bytes], bytes]) -> AsyncIterator[int]:
    """Answers packets until the block ends; yields the port on 127.0.0.1."""
    transport, _ = await asyncio.get_running_loop().create_datagram_endpoint(
        lambda: _Datagrams(answer), local_addr=("127.0.0.1", 0)
    )
    try:
        yield transport.get_extra_info("sockname")[1]
    finally:
        transport.close()
        await asyncio.sleep(0)


@dataclass(slots=True)
class FakeRedis:
    """A running scripted Redis: `commands` holds all that it was asked."""

    port: int
    commands: list[tuple[str, ...]] = field(default_factory=list)

    @property
    def url(self) -> Secret:
        """Of its database 0."""
        return Secret(f"redis://127.0.0.1:{self.port}/0")

    @property
    def names(self) -> set[str]:
        """The commands it was asked, without arguments."""
        return {command[0] for command in self.commands}


@asynccontextmanager
async def redis(reply: Reply) -> AsyncIterator[FakeRedis]:
    """A server that reads commands and replies as told; PING and TIME are answered unless `reply` does."""

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while command := await _command(reader):
            served.commands.append(command)
            writer.write(reply(command) or BASIC.get(command, b"-ERR unknown command\r\n"))
            await writer.drain()

    async with tcp(talk) as port:
        served = FakeRedis(port)
        yield served


async def _command(reader: asyncio.StreamReader) -> tuple[str, ...]:
    head = await reader.readline()
    if not head:
        return ()
    parts = []
    for _ in range(int(head[1:])):
        length = int((await reader.readline())[1:])
        parts.append((await reader.readexactly(length + 2))[:-2].decode("utf-8", "surrogateescape"))
    return tuple(parts)


def bulk(data: bytes | str) -> bytes:
    """A bulk string."""
    octets = data.encode() if isinstance(data, str) else data
    return b"$%d\r\n%b\r\n" % (len(octets), octets)


def array(*replies: bytes) -> bytes:
    """An array of replies."""
    return b"*%d\r\n" % len(replies) + b"".join(replies)


def redis_store(*urls: str, keys: str = "") -> Store:
    """A store called `sessions`."""
    return Store("sessions", "redis", url=tuple(Secret(url) for url in urls), keys=keys)


def topology(**parts: Any) -> Topology:
    """A topology with a site of no consequence."""
    return Topology(**{"site": Site("http://127.0.0.1:9/"), **parts})


def context(of: Topology, *, client: Wire | None = None, environ: Mapping[str, str] | None = None) -> Context:
    """What a probe is given."""
    return Context(of, Options(rate=0), client or wire(), Redactor(), _no_needs, environ or {})


def ask(probe: Probe | Absent, ctx: Context) -> Any:
    """The evidence of a planned probe."""

    async def run() -> Any:
        assert isinstance(probe, Probe)
        async with ctx.wire:
            return await probe.ask(ctx)

    return asyncio.run(run())


async def _no_needs(kind: type[Any]) -> Any:
    raise AssertionError(f"{kind} was asked for")
