"""One TCP or TLS connection as a bounded buffer that hands out bytes in the order they came."""

from __future__ import annotations

import asyncio
import time
from typing import cast

from sessiondoctor.wire.address import bracketed

# The parser takes about 4 us for each of the smallest chunks (6 bytes): a piece keeps it busy for 10 ms.
PIECE = 16 * 1024
_FULL = 64 * 1024


class Channel(asyncio.Protocol):
    """Keeps what arrived before an error, unlike `asyncio.StreamReader`.

    A server that answers 431 or 413 and resets the connection has answered: the response counts, then the reset.

    Attributes:
        received: bytes that ever arrived.
        arrived_at: `time.time()` of the newest of them.
    """

    def __init__(self) -> None:
        self.received = 0
        self.arrived_at = 0.0
        self._transport: asyncio.Transport | None = None
        self._buffer = bytearray()
        self._error: Exception | None = None
        self._ended = False
        self._waiter: asyncio.Future[None] | None = None

    @property
    def idle(self) -> bool:
        """Whether the connection is open, with nothing unread, and nothing unsent."""
        transport = self._transport
        return (
            transport is not None
            and not (self._ended or self._buffer or transport.is_closing())
            and not transport.get_write_buffer_size()
        )

    @property
    def address(self) -> str:
        """The peer, `ip:port`."""
        peer = self._transport.get_extra_info("peername") if self._transport else None
        return f"{bracketed(peer[0])}:{peer[1]}" if peer else ""

    def write(self, data: bytes) -> None:
        """Send; what the kernel does not take at once is kept and sent later."""
        if self._transport:
            self._transport.write(data)

    async def read(self) -> bytes:
        """Return the next 1 to `PIECE` bytes, or nothing at the end of the stream.

        Raises:
            OSError: the connection broke; raised after everything that arrived was handed out.
        """
        if self._buffer:
            await asyncio.sleep(0)  # deadlines and other tasks get their turn between two pieces
        while not (self._buffer or self._ended):
            await self._news()
        if not self._buffer and self._error:
            raise self._error
        piece = bytes(self._buffer[:PIECE])
        del self._buffer[:PIECE]
        if self._transport and len(self._buffer) < _FULL:
            self._transport.resume_reading()
        return piece

    def abort(self) -> None:
        """Close now, without waiting for anything."""
        if self._transport:
            self._transport.abort()

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
        """Take the transport."""
        self._transport = cast("asyncio.Transport", transport)

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
        self._ended = True
        self._wake()

    def connection_lost(self, exc: Exception | None) -> None:
        """Note the end of the connection, and why."""
        self._ended = True
        self._error = exc
        self._wake()
