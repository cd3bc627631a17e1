"""A well-behaved HTTP server for one test: answers by a function, and notes all that it saw."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sessiondoctor.wire.client import Wire
from sessiondoctor.wire.message import Limits
from sessiondoctor.wire.pace import Pace

if TYPE_CHECKING:
    import ssl

Answer = Callable[[bytes], bytes]
"""From the bytes of a request to those of its response; no bytes at all close the connection."""

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
CLOSE = b""


def ok(_request: bytes) -> bytes:
    """Answer `ok` and keep the connection open."""
    return OK


def one_by_one(*responses: bytes) -> Answer:
    """Give the first response to the first request of all, and so on."""
    rest = iter(responses)
    return lambda _request: next(rest)


@dataclass(slots=True)
class Server:
    """A running server: `connections` holds the requests of each, in order; `peers` their addresses."""

    url: str
    port: int
    connections: list[list[bytes]] = field(default_factory=list)
    peers: list[str] = field(default_factory=list)

    @property
    def requests(self) -> list[bytes]:
        """All requests, by connection."""
        return [request for connection in self.connections for request in connection]

    @property
    def heads(self) -> list[str]:
        """Their request lines."""
        return [request.split(b"\r\n")[0].decode("latin-1") for request in self.requests]


@asynccontextmanager
async def serve(
    answer: Answer = ok,
    *,
    host: str = "127.0.0.1",
    port: int = 0,
    tell_peer: bool = False,
    tls: ssl.SSLContext | None = None,
    per_connection: int = 1000,
    delay_s: float = 0,
) -> AsyncIterator[Server]:
    """Serve until the block ends.

    Args:
        answer: makes the responses.
        host: where to listen.
        port: a free one by default.
        tell_peer: the address of the client is put into each request, as its first header X-Peer.
        tls: speak TLS.
        per_connection: after so many responses it closes without a word.
        delay_s: before each answer.
    """
    visits: set[asyncio.Task[None]] = set()

    async def visit(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        requests: list[bytes] = []
        number = len(served.peers)
        served.connections.append(requests)
        served.peers.append(writer.get_extra_info("peername")[0])
        try:
            while len(requests) < per_connection and (request := await _request(reader)):
                requests.append(request)
                await asyncio.sleep(delay_s)
                told = b"\r\nX-Peer: " + served.peers[number].encode() + b"\r\n" if tell_peer else b"\r\n"
                if not (response := answer(request.replace(b"\r\n", told, 1))):
                    break
                writer.write(response)
                await writer.drain()
        except OSError:  # the client has gone
            pass
        finally:
            writer.close()

    def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.create_task(visit(reader, writer))
        visits.add(task)
        task.add_done_callback(visits.discard)

    server = await asyncio.start_server(accept, host, port, ssl=tls)
    port = server.sockets[0].getsockname()[1]
    served = Server(f"{'https' if tls else 'http'}://{f'[{host}]' if ':' in host else host}:{port}/", port)
    try:
        yield served
    finally:
        server.close()
        for task in visits:
            task.cancel()
        await asyncio.gather(*visits, return_exceptions=True)
        await asyncio.sleep(0.001)  # the sockets are closed in the next turns of the loop


async def _request(reader: asyncio.StreamReader) -> bytes:
    """Return the bytes of the next request, head and body; none at the end of the stream."""
    try:
        head = await reader.readuntil(b"\r\n\r\n")
    except asyncio.IncompleteReadError:
        return b""
    length = next((line[15:] for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")), b"0")
    return head + await reader.readexactly(int(length))


def wire(*, total_s: float = 2.0, rate: float | None = 0, **limits: int) -> Wire:
    """Return a client for one test."""
    return Wire(limits=Limits(connect_s=total_s, total_s=total_s, **limits), pace=Pace(rate, at_once=10))
