"""Hostile servers that speak HTTP/2 without TLS, by prior knowledge: one port for each behaviour.

Each sends its SETTINGS, waits for a request, and then misbehaves. `ENDINGS` says how an exchange must end.
"""

from __future__ import annotations

import asyncio
import struct
from contextlib import asynccontextmanager, suppress
from typing import TYPE_CHECKING

from hpack import Encoder

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping

DATA, HEADERS, RST, SETTINGS, PUSH, PING, GOAWAY, WINDOW, CONTINUATION = 0, 1, 3, 4, 5, 6, 7, 8, 9
END_STREAM, END_HEADERS, ACK = 1, 4, 1
PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
FLOOD = 8 * 1024 * 1024


def frame(kind: int, flags: int, stream: int, body: bytes = b"") -> bytes:
    """One frame: RFC 9113 section 4.1."""
    return struct.pack(">I", len(body))[1:] + bytes((kind, flags)) + struct.pack(">I", stream) + body


def head(*pairs: tuple[str, str], flags: int = END_HEADERS, status: str = "200") -> bytes:
    """The frame of a response's headers."""
    return frame(HEADERS, flags, 1, Encoder().encode([(":status", status), *pairs]))


def goaway(last_stream: int, error: int = 0) -> bytes:
    """The frame that ends a connection."""
    return frame(GOAWAY, 0, 0, struct.pack(">II", last_stream, error))


START = frame(SETTINGS, 0, 0)
OK = head() + frame(DATA, END_STREAM, 1, b"hello")
BOMB = Encoder().encode([(":status", "200")]) + b"\x40\x01x\x7f\x81\x1e" + b"y" * 4000 + b"\xbe" * 12_000

ANSWERS: dict[str, bytes] = {
    "fine": OK,
    "peaceful-goaway": head() + goaway(1) + frame(DATA, 0, 1, b"hel") + frame(DATA, END_STREAM, 1, b"lo"),
    "goaway-with-the-answer": OK + goaway(1),
    "goaway-at-once": goaway(0),
    "goaway-error": goaway(1, 11),
    "short-goaway": frame(GOAWAY, 0, 0, b"\x00"),
    "reset": frame(RST, 0, 1, struct.pack(">I", 2)),
    "reset-in-body": head() + frame(DATA, 0, 1, b"hel") + frame(RST, 0, 1, struct.pack(">I", 2)),
    "closed-at-once": b"",
    "closed-in-body": head() + frame(DATA, 0, 1, b"hel"),
    "http-1": b"HTTP/1.1 400 Bad Request\r\nContent-Length: 6\r\n\r\nSECRET",
    "garbage": b"\xff" * 100,
    "status-no-number": head(status="SECRET"),
    "status-0": head(flags=END_HEADERS | END_STREAM, status="000"),
    "status-99999": head(flags=END_HEADERS | END_STREAM, status="99999"),
    "no-status": frame(HEADERS, END_HEADERS | END_STREAM, 1, Encoder().encode([("x", "y")])),
    "broken-hpack": frame(HEADERS, END_HEADERS, 1, b"\xff\xff\xff\xff\xff\xff\xff\xff"),
    "hpack-bomb": frame(HEADERS, 0, 1, BOMB[:16_000]) + frame(CONTINUATION, END_HEADERS, 1, BOMB[16_000:]),
    "many-headers": head(*((f"x{number}", "y") for number in range(600)), flags=END_HEADERS | END_STREAM),
    "line-break-in-header": head(("set-cookie", "a=b\r\nX: SECRET"), flags=END_HEADERS | END_STREAM),
    "too-large-frame": b"\x7f\xff\xff\x00\x00\x00\x00\x00\x01" + bytes(60_000),
    "wrong-length": head(("content-length", "50")) + frame(DATA, END_STREAM, 1, b"hello"),
    "data-before-head": frame(DATA, END_STREAM, 1, b"hello"),
    "data-of-another": frame(DATA, END_STREAM, 77, b"hello"),
    "pushed": frame(PUSH, END_HEADERS, 1, struct.pack(">I", 2) + Encoder().encode([(":method", "GET")])) + OK,
    "window-overflow": frame(WINDOW, 0, 0, struct.pack(">I", 0x7FFFFFFF)) * 2 + OK,
    "no-streams": frame(SETTINGS, 0, 0, struct.pack(">HI", 3, 0)) + OK,
    "endless-continuation-in-one": frame(HEADERS, 0, 1, b"") + frame(CONTINUATION, 0, 1, b"") * 2000,
    "gzip-that-is-none": head(("content-encoding", "gzip")) + frame(DATA, END_STREAM, 1, b"SECRET"),
}  # fmt: skip
"""Behaviour: what is sent after the request; then the connection is closed."""

FLOODS: dict[str, tuple[bytes, bytes]] = {
    "endless-settings": (b"", START * 500),
    "endless-pings": (b"", frame(PING, 0, 0, bytes(8)) * 500),
    "endless-informational": (b"", head(status="103") * 300),
    "endless-body": (head(), frame(DATA, 0, 1, bytes(8192))),
    "empty-data": (head(), frame(DATA, 0, 1) * 1000),
    "tiny-data": (head(), frame(DATA, 0, 1, b"x") * 1000),
    "unknown-frames": (b"", frame(77, 0, 1, bytes(1000))),
    "endless-goaways": (b"", goaway(1) * 500),
    "window-updates": (head(), frame(WINDOW, 0, 1, struct.pack(">I", 1)) * 500),
}
"""Behaviour: what is sent at first, and what follows as fast as it is read, up to `FLOOD` bytes."""

ENDINGS: dict[str, set[str]] = {
    "fine": {"200"},
    "peaceful-goaway": {"200"},
    "goaway-with-the-answer": {"200"},
    "goaway-at-once": {"closed"},
    "goaway-error": {"closed", "malformed"},
    "short-goaway": {"closed", "malformed"},
    "reset": {"closed", "malformed"},
    "reset-in-body": {"closed", "malformed"},
    "closed-at-once": {"closed"},
    "closed-in-body": {"closed"},
    "http-1": {"malformed", "closed"},
    "garbage": {"malformed", "closed"},
    "status-no-number": {"malformed", "closed"},
    "status-0": {"malformed"},
    "status-99999": {"malformed"},
    "no-status": {"200"},  # httpcore's reading of it
    "broken-hpack": {"malformed"},
    "hpack-bomb": {"malformed"},
    "many-headers": {"too-large"},
    "line-break-in-header": {"malformed"},
    "too-large-frame": {"malformed", "closed"},
    "wrong-length": {"malformed"},
    "data-before-head": {"malformed", "closed"},
    "data-of-another": {"malformed", "closed"},
    "pushed": {"malformed"},
    "window-overflow": {"malformed"},
    "no-streams": {"200", "malformed", "closed", "timeout"},
    "endless-continuation-in-one": {"malformed", "closed", "too-large"},
    "gzip-that-is-none": {"malformed"},
    "silent": {"timeout"},
    "endless-settings": {"too-large", "timeout"},
    "endless-pings": {"too-large", "timeout"},
    "endless-informational": {"too-large", "timeout"},
    "endless-body": {"200 truncated", "timeout"},
    "empty-data": {"too-large", "timeout"},
    "tiny-data": {"200 truncated", "timeout"},
    "unknown-frames": {"too-large", "timeout"},
    "endless-goaways": {"too-large", "timeout"},
    "window-updates": {"too-large", "timeout"},
}  # fmt: skip
"""Behaviour: the troubles, or the status, that an exchange may end with."""


@asynccontextmanager
async def hostile_http2() -> AsyncIterator[Mapping[str, int]]:
    """Yields the port of each behaviour."""
    servers: list[asyncio.Server] = []
    visits: set[asyncio.Task[None]] = set()

    async def open_one(name: str) -> int:
        def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            visit = asyncio.create_task(_visit(name, reader, writer))
            visits.add(visit)
            visit.add_done_callback(visits.discard)

        servers.append(await asyncio.start_server(accept, "127.0.0.1", 0))
        return int(servers[-1].sockets[0].getsockname()[1])

    try:
        yield {name: await open_one(name) for name in ENDINGS}
    finally:
        for server in servers:
            server.close()
        for visit in visits:
            visit.cancel()
        await asyncio.gather(*visits, return_exceptions=True)
        await asyncio.sleep(0)


async def _visit(name: str, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(OSError, asyncio.IncompleteReadError):
        try:
            await _behave(name, reader, writer)
        finally:
            writer.transport.close()


async def _behave(name: str, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.readexactly(len(PREFACE))
    kind = -1
    while kind != HEADERS:
        top = await reader.readexactly(9)
        kind = top[3]
        await reader.readexactly(int.from_bytes(top[:3], "big"))
    if name == "silent":
        await asyncio.Event().wait()
    if name in ANSWERS:
        writer.write((b"" if name == "http-1" else START) + ANSWERS[name])
        await writer.drain()
        return
    first, wave = FLOODS[name]
    writer.write(START + first)
    for _ in range(FLOOD // len(wave)):
        writer.write(wave)
        await writer.drain()
