"""A zoo of hostile HTTP servers on loopback, one port for each behaviour.

In asynchronous code:      async with zoo() as behaviours: ... behaviours["slow-body"]   # a URL
In a synchronous test:     with zoo_thread() as behaviours: ...

Most animals answer with fixed bytes: add one to `ANSWERS`, `DRIPS` or `FLOODS`. `ENDINGS` says how an exchange
with each of them must end.
"""

from __future__ import annotations

import asyncio
import socket
import struct
import threading
import zlib
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager, suppress

Behaviour = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


def gzip_of_zeros(mebibytes: int) -> bytes:
    """Return about 1 KB for each MiB of zeros (RFC 1952); the checksum at the end is missing."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
    one = packer.compress(bytes(1024**2)) + packer.flush(zlib.Z_FULL_FLUSH)
    return b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x02\xff" + one * mebibytes + packer.flush()


OK = b"HTTP/1.1 200 OK\r\n"
CHUNKED = OK + b"Transfer-Encoding: chunked\r\n\r\n"
HELLO = b"Content-Length: 5\r\n\r\nhello"
GZIP_BOMB = gzip_of_zeros(200)
ESCAPES = (
    b"\x1b[2J\x1b]0;owned\x07",
    b"\x1b]8;;http://evil/\x1b\\link\x1b]8;;\x1b\\",
    b"[link=http://evil]x[/link][/nope]",
    b"<script>alert(1)</script>",
    b"\x9b31m\x7f\x01",
    b"\xe2\x80\xaeevil",
)

ANSWERS: dict[str, bytes] = {
    "many-cookies": OK + b"".join(b"Set-Cookie: c%d=%d\r\n" % (n, n) for n in range(3000)) + HELLO,
    "many-short-headers": OK + b"a:\n" * 20_000 + HELLO,
    "redirect-loop": b"HTTP/1.1 302 Found\r\nLocation: /again?token=SECRET\r\nContent-Length: 0\r\n\r\n",
    "gzip-bomb": OK + b"Content-Encoding: gzip\r\nContent-Length: %d\r\n\r\n" % len(GZIP_BOMB) + GZIP_BOMB,
    "garbage-status": b"HTTP/1.1 abc SECRET\r\n" + HELLO,
    "status-0": b"HTTP/1.1 000 Nothing\r\n" + HELLO,
    "status-of-4-digits": b"HTTP/1.1 2000 OK\r\n" + HELLO,
    "http-0.9": b"<html>hello</html>\n",
    "http-2": b"HTTP/2.0 200 OK\r\n" + HELLO,
    "http-2-frames": b"\x00\x00\x12\x04\x00\x00\x00\x00\x00" + bytes(18),
    "another-protocol": b"-ERR wrong number of arguments for 'get' command\r\n",
    "negative-length": OK + b"Content-Length: -1\r\n\r\nhello",
    "two-lengths": OK + b"Content-Length: 5\r\nContent-Length: 7\r\n\r\nhello..",
    "huge-length": OK + b"Content-Length: 99999999999999999999\r\n\r\nhello",
    "endless-length": OK + b"Content-Length: " + b"9" * 5000 + b"\r\n\r\nhello",
    "length-and-chunks": OK + b"Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
    "unknown-encoding": OK + b"Transfer-Encoding: gzip, chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
    "nul-in-header": OK + b"Set-Cookie: sid=SEC\x00RET\r\n" + HELLO,
    "bad-header-name": OK + b"Set Cookie: sid=SECRET\r\n" + HELLO,
    "closed-at-once": b"",
    "closed-in-head": OK + b"Set-Cookie: sid=SECR",
    "closed-in-body": OK + b"Content-Length: 50\r\n\r\nhello",
    "closed-in-chunk": CHUNKED + b"50\r\nhello",
    "escapes": OK + b"".join(b"X-E: " + escape + b"\r\n" for escape in ESCAPES) + HELLO,
    "wrong-chunk-size": CHUNKED + b"2\r\nhello\r\n0\r\n\r\n",
    "no-chunk-size": CHUNKED + b"xyz\r\nhello\r\n0\r\n\r\n",
    "huge-chunk-size": CHUNKED + b"f" * 40 + b"\r\nhello",
    "two-responses": OK + HELLO + b"HTTP/1.1 200 OK\r\nSet-Cookie: sid=INJECTED\r\n" + HELLO,
    "body-of-204": b"HTTP/1.1 204 No Content\r\n" + HELLO,
    "unasked-upgrade": b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n" + b"\x81\x05hello",
    "hostile-charset": OK + b"Content-Type: text/html; charset=punycode\r\n\r\n" + b"-a" * 100_000,
    "tls-alert": b"\x15\x03\x01\x00\x02\x02\x46",
    "plain-to-tls": OK + HELLO,
}  # fmt: skip
"""Behaviour: what is sent after the request; then the connection is closed."""

DRIPS: dict[str, tuple[bytes, bytes]] = {
    "slow-head": (OK + b"X-Slow: ", b"x"),
    "slow-body": (OK + b"Content-Length: 1000000\r\n\r\n", b"x"),
    "slow-100": (b"", b"HTTP/1.1 100 Continue\r\n\r\n"),
    "slow-garbage": (b"", b"x"),
}
"""Behaviour: what is sent at once, and what follows every 20 ms for ever."""

FLOODS: dict[str, tuple[bytes, bytes]] = {
    "endless-100": (b"", b"HTTP/1.1 100 Continue\r\n\r\n" * 400),
    "endless-chunks": (CHUNKED, b"2000\r\n" + b"x" * 0x2000 + b"\r\n"),
    "tiny-chunks": (CHUNKED, b"1\r\nx\r\n" * 1500),
    "endless-body": (OK + b"\r\n", b"x" * 8192),
    "endless-trailers": (CHUNKED + b"0\r\n", b"X-T: x\r\n" * 1000),
    "endless-chunk-extension": (CHUNKED + b"5;", b"x" * 8192),
    "head-bomb": (OK, b"X-Bomb: 0123456789\r\n" * 500),
    "long-header-line": (OK + b"X-Bomb: ", b"x" * 8192),
    "folded-header": (OK + b"X-Bomb: x\r\n", b" x\r\n" * 2000),
    "no-line-end": (b"", b"x" * 8192),
}
"""Behaviour: what is sent at first, and what follows as fast as it is read, up to `FLOOD` bytes."""

FLOOD = 10 * 1024 * 1024

ENDINGS: dict[str, str] = {
    "silent": "timeout",
    "slow-head": "timeout",
    "slow-body": "timeout",
    "slow-100": "timeout",
    "slow-garbage": "timeout",
    "endless-100": "too-large",
    "endless-chunks": "200 truncated",
    "tiny-chunks": "200 truncated or timeout",
    "endless-body": "200 truncated",
    "endless-trailers": "too-large",
    "endless-chunk-extension": "too-large",
    "head-bomb": "too-large",
    "long-header-line": "too-large",
    "folded-header": "too-large",
    "no-line-end": "malformed",
    "many-cookies": "too-large",
    "many-short-headers": "too-large",
    "redirect-loop": "redirects",
    "gzip-bomb": "too-large",
    "garbage-status": "malformed",
    "status-0": "malformed",
    "status-of-4-digits": "malformed",
    "http-0.9": "malformed",
    "http-2": "200",
    "http-2-frames": "malformed",
    "another-protocol": "malformed",
    "negative-length": "malformed",
    "two-lengths": "malformed",
    "huge-length": "closed",
    "endless-length": "malformed",
    "length-and-chunks": "200",
    "unknown-encoding": "malformed",
    "nul-in-header": "malformed",
    "bad-header-name": "malformed",
    "closed-at-once": "closed",
    "closed-in-head": "closed",
    "closed-in-body": "closed",
    "closed-in-chunk": "closed",
    "escapes": "200",
    "wrong-chunk-size": "malformed",
    "no-chunk-size": "malformed",
    "huge-chunk-size": "malformed",
    "two-responses": "200",
    "body-of-204": "204",
    "unasked-upgrade": "malformed",
    "hostile-charset": "200",
    "tls-alert": "malformed",
    "plain-to-tls": "tls",
    "reset": "closed",
    "reset-in-body": "closed",
    "answer-then-reset": "200",
}
"""Behaviour: the trouble, or the status of the response, that a careful client ends with.

Of "a or b" the speed of the machine decides.
"""


@asynccontextmanager
async def zoo() -> AsyncIterator[Mapping[str, str]]:
    """Open the zoo; yields the URL of each behaviour."""
    keeper = _Keeper()
    try:
        yield {name: await keeper.open(name, behaviour) for name, behaviour in _animals().items()}
    finally:
        await keeper.close()


@contextmanager
def zoo_thread() -> Iterator[Mapping[str, str]]:
    """Open the zoo in a thread of its own, for tests that are not asynchronous or block the loop."""
    urls: dict[str, str] = {}
    opened = threading.Event()
    loop = asyncio.new_event_loop()
    end = asyncio.Event()

    async def keep() -> None:
        async with zoo() as behaviours:
            urls.update(behaviours)
            opened.set()
            await end.wait()

    thread = threading.Thread(target=loop.run_until_complete, args=(keep(),))
    thread.start()
    try:
        assert opened.wait(5), "the zoo did not open"
        yield urls
    finally:
        loop.call_soon_threadsafe(end.set)
        thread.join(5)
        loop.close()


class _Keeper:
    """Starts servers and makes sure that nothing of them is left."""

    def __init__(self) -> None:
        self._servers: list[asyncio.Server] = []
        self._visits: set[asyncio.Task[None]] = set()

    async def open(self, name: str, behaviour: Behaviour) -> str:
        def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            visit = asyncio.create_task(_visit(behaviour, reader, writer))
            self._visits.add(visit)
            visit.add_done_callback(self._visits.discard)

        server = await asyncio.start_server(accept, "127.0.0.1", 0)
        self._servers.append(server)
        scheme = "https" if name == "plain-to-tls" else "http"
        return f"{scheme}://127.0.0.1:{server.sockets[0].getsockname()[1]}/"

    async def close(self) -> None:
        for server in self._servers:
            server.close()
        for visit in self._visits:
            visit.cancel()
        await asyncio.gather(*self._visits, return_exceptions=True)
        await asyncio.sleep(0)  # the sockets are closed in the next turn of the loop


async def _visit(behaviour: Behaviour, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        with suppress(OSError):  # the client has gone
            await behaviour(reader, writer)
            writer.close()
            await writer.wait_closed()
    finally:
        writer.transport.abort()


def _animals() -> dict[str, Behaviour]:
    return {
        "silent": _silent,
        "reset": _reset(b""),
        "reset-in-body": _reset(OK + b"Content-Length: 50\r\n\r\nhello"),
        "answer-then-reset": _reset(OK + HELLO),
        **{name: _answer(data) for name, data in ANSWERS.items()},
        **{name: _drip(first, drop) for name, (first, drop) in DRIPS.items()},
        **{name: _flood(first, wave) for name, (first, wave) in FLOODS.items()},
    }


def _answer(data: bytes) -> Behaviour:
    async def behave(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(65536)
        writer.write(data)

    return behave


def _drip(first: bytes, drop: bytes) -> Behaviour:
    async def behave(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(65536)
        writer.write(first)
        while True:
            writer.write(drop)
            await writer.drain()
            await asyncio.sleep(0.02)

    return behave


def _flood(first: bytes, wave: bytes) -> Behaviour:
    async def behave(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(65536)
        writer.write(first)
        for _ in range(FLOOD // len(wave)):
            writer.write(wave)
            await writer.drain()

    return behave


def _reset(data: bytes) -> Behaviour:
    async def behave(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(65536)
        writer.write(data)
        linger_for_0_s = struct.pack("ii", 1, 0)
        writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger_for_0_s)
        writer.transport.abort()

    return behave


async def _silent(_reader: asyncio.StreamReader, _writer: asyncio.StreamWriter) -> None:
    await asyncio.Event().wait()
