"""One TCP or TLS connection as a bounded buffer that hands out bytes in the order they came: a stream of httpcore.

Imported late: httpcore takes longer to load than a request to answer.
"""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, Any, cast

import httpcore

from sessiondoctor.wire.address import bracketed
from sessiondoctor.wire.farewell import Farewells

if TYPE_CHECKING:
    import ssl
    from collections.abc import Awaitable, Callable

    Secure = Callable[["Channel", ssl.SSLContext, str], Awaitable[None]]

# The parser takes about 4 us for each of the smallest chunks (6 bytes): a piece keeps it busy for 10 ms.
PIECE = 16 * 1024
_FULL = 64 * 1024
_SOCKS = (b"\x05", b"\x01")  # how its messages begin (RFC 1928, RFC 1929), and none of HTTP


class HeadTooLong(Exception):  # noqa: N818 - it says what is wrong with the head
    """The peer sent all the bytes that a head may have, and the head has not ended."""


class Channel(httpcore.AsyncNetworkStream, asyncio.Protocol):
    """A TCP or TLS connection that keeps what arrived before an error.

    A server that answers 431 or 413 and resets the connection has answered: the response counts, then the reset.

    Args:
        secure: does the handshake of TLS, by `handshake`.

    Attributes:
        received: bytes that ever arrived.
        opening: the first of them since `begin`.
        ended: the end of the stream was handed out.
        farewells: of HTTP/2, where that is spoken.
        secured: how many handshakes of TLS were done, one within the other.
        sent_at: `time.time()` before the first byte was written since `begin`; 0 if none was.
        arrived_at: `time.time()` of the newest bytes.
    """

    def __init__(self, secure: Secure | None = None) -> None:
        self.received = 0
        self.opening = b""
        self.ended = False
        self.secured = 0
        self.farewells: Farewells | None = None
        self._exchanges = 0
        self.sent_at = 0.0
        self.arrived_at = 0.0
        self._secure = secure
        self._allowance: int | None = None
        self._transport: asyncio.Transport | None = None
        self._buffer = bytearray()
        self._error: Exception | None = None
        self._closed = False
        self._waiter: asyncio.Future[None] | None = None

    def begin(self, allowance: int) -> None:
        """An exchange begins: until `head_ended`, no more than so many bytes are handed out."""
        self.sent_at, self.opening, self._allowance = 0.0, b"", allowance
        self._exchanges += 1

    def speak_http2(self) -> None:
        """HTTP/2 is spoken from here on: client streams have the odd numbers (RFC 9113 section 5.1.1)."""
        self.farewells = Farewells(lambda: 2 * self._exchanges - 1)

    def head_ended(self) -> None:
        """From here on the caller counts."""
        self._allowance = None

    @property
    def idle(self) -> bool:
        """Whether the connection is open, with nothing unread, and nothing unsent."""
        transport = self._transport
        return (
            transport is not None
            and not (self._closed or self._buffer or transport.is_closing())
            and not transport.get_write_buffer_size()
        )

    @property
    def over(self) -> bool:
        """Whether the connection has ended, or is about to."""
        dismissed = self.farewells is not None and self.farewells.heard
        return dismissed or self._closed or self._transport is None or self._transport.is_closing()

    @property
    def address(self) -> str:
        """The peer, `ip:port`."""
        peer = self._peername
        return f"{bracketed(peer[0])}:{peer[1]}" if peer else ""

    @property
    def peer(self) -> str:
        """The peer's IP address."""
        return self._peername[0] if self._peername else ""

    @property
    def _peername(self) -> tuple[str, int] | None:
        return self._transport.get_extra_info("peername") if self._transport else None

    def abort(self) -> None:
        """Close now, without waiting for anything."""
        if self._transport:
            self._transport.abort()

    # What httpcore calls. Timeouts are the caller's: one deadline for the whole exchange.

    async def read(self, max_bytes: int, timeout: float | None = None) -> bytes:  # noqa: ARG002, ASYNC109 - httpcore's
        """Return the next 1 to `PIECE` bytes, or nothing at the end of the stream.

        The last byte of what has arrived of HTTP is handed out alone: a parser whose message ended before does not ask
        for it, and a connection with a byte left over is not `idle`, so that nothing is taken for the next response.

        Raises:
            OSError: the connection broke; raised after everything that arrived was handed out.
            HeadTooLong: the head did not end within its allowance.
        """
        while not self.ended:
            piece = await self._next(min(max_bytes, PIECE))
            self.ended = not piece
            self.opening = self.opening or piece[:5]
            if passed := self.farewells.passed(piece) if self.farewells else piece:
                return passed
        return b""

    async def _next(self, at_most: int) -> bytes:
        if self._allowance == 0:
            raise HeadTooLong
        if self._buffer:
            await asyncio.sleep(0)  # deadlines and other tasks get their turn between two pieces
        self._resume()
        while not (self._buffer or self._closed):
            await self._news()
        if not self._buffer and self._error:
            raise self._error
        return self._take(at_most)

    async def write(self, buffer: bytes, timeout: float | None = None) -> None:  # noqa: ARG002, ASYNC109 - httpcore's
        """Send; what the kernel does not take at once is kept and sent later."""
        if not (self.sent_at or buffer.startswith(_SOCKS)):
            self.sent_at, self.opening = time.time(), b""
        if self._transport:
            self._transport.write(buffer)

    async def aclose(self) -> None:
        """Close without a farewell."""
        self.abort()
        await asyncio.sleep(0)  # the socket is closed in the next turn of the loop

    async def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,  # noqa: ARG002, ASYNC109 - httpcore's
    ) -> Channel:
        """Speak TLS from here on."""
        assert self._secure
        await self._secure(self, ssl_context, server_hostname or "")
        self.sent_at = 0.0  # what was said to a proxy before is no part of the request
        return self

    async def handshake(self, context: ssl.SSLContext, server_name: str) -> None:
        """Do the handshake of TLS.

        Raises:
            OSError: `ssl.SSLError` where TLS itself failed.
        """
        assert self._transport
        loop = asyncio.get_running_loop()
        transport = await loop.start_tls(self._transport, self, context, server_hostname=server_name)
        assert transport
        self._transport = transport
        self.secured += 1

    def get_extra_info(self, info: str) -> Any:
        """`ssl_object`; and `is_readable`: whether an unused connection may no longer be used."""
        if info == "is_readable":
            return not self.idle
        return self._transport.get_extra_info(info) if self._transport else None

    def _take(self, at_most: int) -> bytes:
        if self._allowance is not None:
            at_most = min(at_most, self._allowance)
        ready = len(self._buffer)
        if self.sent_at:  # a reply of SOCKS is wanted in one piece
            ready = max(1, ready - 1)
        piece = bytes(self._buffer[: min(at_most, ready)])
        del self._buffer[: len(piece)]
        if self._allowance is not None:
            self._allowance -= len(piece)
        self._resume()
        return piece

    def _resume(self) -> None:
        if self._transport and len(self._buffer) < _FULL:
            self._transport.resume_reading()

    async def _news(self) -> None:
        self._waiter = asyncio.get_running_loop().create_future()
        try:
            await self._waiter
        finally:
            self._waiter = None

    def _wake(self) -> None:
        if self._waiter and not self._waiter.done():
            self._waiter.set_result(None)

    # What the event loop calls.

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Take the transport; nothing is read before somebody asks, because the first bytes may be TLS."""
        self._transport = cast("asyncio.Transport", transport)
        self._transport.pause_reading()

    def data_received(self, data: bytes) -> None:
        """Keep the data; stop reading while there is plenty."""
        self.arrived_at = time.time()
        self.received += len(data)
        self._buffer += data
        if self._transport and len(self._buffer) >= _FULL:
            self._transport.pause_reading()
        self._wake()

    def eof_received(self) -> None:
        """Note the end of the stream; the transport closes itself."""
        self._closed = True
        self._wake()

    def connection_lost(self, exc: Exception | None) -> None:
        """Note the end of the connection, and why."""
        self._closed = True
        self._error = exc
        self._wake()
