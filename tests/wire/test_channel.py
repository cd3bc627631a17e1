from __future__ import annotations

import asyncio
import time

import pytest

from sessiondoctor.wire.channel import PIECE, Channel, HeadTooLong


class Transport(asyncio.Transport):
    """Notes what a channel does with its transport."""

    def __init__(self) -> None:
        super().__init__()
        self.paused = False

    def pause_reading(self) -> None:
        """Note it."""
        self.paused = True

    def resume_reading(self) -> None:
        """Note it."""
        self.paused = False

    def is_closing(self) -> bool:
        """Say that it is open."""
        return False

    def write(self, data: object) -> None:
        """Take it."""

    def get_write_buffer_size(self) -> int:
        """Say that all was sent."""
        return 0


def opened() -> tuple[Channel, Transport]:
    """Return a channel that is connected to nothing."""
    channel, transport = Channel(), Transport()
    channel.connection_made(transport)
    transport.resume_reading()
    channel.sent_at = 1.0
    return channel, transport


def test_reading_stops_while_there_is_plenty() -> None:
    """At 64 KiB the peer must wait; once there is less it may go on."""

    async def run() -> None:
        channel, transport = opened()
        channel.data_received(bytes(64 * 1024 - 1))
        assert not transport.paused
        channel.data_received(b"x")
        assert transport.paused
        assert len(await channel.read(65536)) == PIECE
        assert not transport.paused

    asyncio.run(run())


def test_what_arrived_comes_before_the_error() -> None:
    """A server that answers and resets has answered."""

    async def run() -> None:
        channel, _ = opened()
        channel.data_received(b"answer")
        channel.connection_lost(ConnectionResetError())
        assert await channel.read(65536) + await channel.read(65536) == b"answer"
        with pytest.raises(ConnectionResetError):
            await channel.read(65536)

    asyncio.run(run())


def test_the_end_of_the_stream_is_told_for_ever() -> None:
    """Nothing, again and again; a loop over it must see it is the end."""

    async def run() -> None:
        channel, _ = opened()
        channel.data_received(b"x")
        channel.eof_received()
        assert [await channel.read(65536) for _ in range(3)] == [b"x", b"", b""]

    asyncio.run(run())


def test_the_last_byte_comes_alone() -> None:
    """Whoever needs no more does not ask for it, and the channel is not idle: a byte too many was sent."""

    async def run() -> None:
        channel, _ = opened()
        channel.data_received(b"response+")
        assert await channel.read(65536) == b"response"
        assert not channel.idle
        assert channel.get_extra_info("is_readable")
        assert await channel.read(65536) == b"+"
        assert channel.idle

    asyncio.run(run())


def test_replies_of_socks_come_whole() -> None:
    """Nothing of HTTP was asked yet."""

    async def run() -> None:
        channel, _ = opened()
        channel.begin(100)
        await channel.write(b"\x05\x01\x00")
        channel.data_received(b"\x05\x00")
        assert await channel.read(4096) == b"\x05\x00"

    asyncio.run(run())


def test_a_head_has_an_allowance() -> None:
    """No more is handed out until it has ended."""

    async def run() -> None:
        channel, _ = opened()
        channel.begin(4)
        await channel.write(b"GET")
        channel.data_received(b"abcdefgh")
        assert await channel.read(65536) == b"abcd"
        with pytest.raises(HeadTooLong):
            await channel.read(65536)
        channel.head_ended()
        assert await channel.read(65536) == b"efg"

    asyncio.run(run())


def test_nothing_is_read_before_somebody_asks() -> None:
    """The first bytes may be meant for TLS."""

    async def run() -> None:
        channel, transport = Channel(), Transport()
        channel.connection_made(transport)
        assert transport.paused
        reading = asyncio.create_task(channel.read(65536))
        await asyncio.sleep(0)
        assert not transport.paused
        reading.cancel()

    asyncio.run(run())


def test_others_get_their_turn_between_two_pieces() -> None:
    """A reader with a full buffer does not keep the loop for itself."""

    async def run() -> None:
        channel, _ = opened()
        channel.data_received(bytes(3 * PIECE))
        turns: list[str] = []

        async def read() -> None:
            for _ in range(3):
                await channel.read(65536)
                turns.append("read")

        async def other() -> None:
            for _ in range(3):
                turns.append("other")
                await asyncio.sleep(0)

        await asyncio.gather(read(), other())
        assert turns[:4] == ["other", "read", "other", "read"]

    asyncio.run(run())


def test_only_a_quiet_open_channel_is_idle() -> None:
    """Unread bytes or the end of the stream forbid its reuse."""
    assert not Channel().idle
    channel, _ = opened()
    assert channel.idle
    channel.data_received(b"x")
    assert not channel.idle
    ended, _ = opened()
    ended.eof_received()
    assert not ended.idle


def test_what_arrives_is_counted_and_timed() -> None:
    """`received` and `arrived_at` go on with each piece."""
    channel, _ = opened()
    began = time.time()
    channel.data_received(b"abc")
    channel.data_received(b"de")
    assert channel.received == 5
    assert began <= channel.arrived_at <= time.time()
