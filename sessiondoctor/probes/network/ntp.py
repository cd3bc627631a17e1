"""One question to one time server: SNTP (RFC 4330), packets by ntplib.

ntplib's own client waits in a thread, and as long as packets of new clients come in.
"""

from __future__ import annotations

import asyncio
import time

from sessiondoctor.errors import Unavailable, Unreachable
from sessiondoctor.wire import failure
from sessiondoctor.wire.peers import addresses, split_server

_TIMEOUT_S = 2.0
_JITTER_S = 0.001
_LARGEST = 1024
# RFC 5905, 7.3: what says that a packet tells no time.
_UNSYNCHRONISED = 3  # leap indicator
_UNREACHABLE = 16  # stratum; 0 is a kiss of death
_SERVER = 4  # mode


class _Question(asyncio.DatagramProtocol):
    """Waits for the first packet that repeats our transmit timestamp, as an answer does."""

    def __init__(self, packet: bytes) -> None:
        self.answer: asyncio.Future[tuple[bytes, float]] = asyncio.get_running_loop().create_future()
        self._packet = packet

    def datagram_received(self, data: bytes, _address: object) -> None:
        """Takes the answer; RFC 4330, 5: originate timestamp (octets 24 to 31) equals what we sent (40 to 47)."""
        if len(data) <= _LARGEST and data[24:32] == self._packet[40:48] and not self.answer.done():
            self.answer.set_result((data, time.time()))

    def error_received(self, error: Exception) -> None:
        """Nobody listens there."""
        if not self.answer.done():
            self.answer.set_exception(error)


async def ask_ntp(server: str) -> tuple[float, float]:
    """The server's clock minus ours, and how far from it the truth may be, in seconds.

    Args:
        server: host:port.

    Raises:
        Unreachable: it does not answer.
        Unavailable: its answer tells no time.
    """
    host, port = split_server(server)
    try:
        async with asyncio.timeout(_TIMEOUT_S):
            (address, *_) = await addresses(host, port, server)
            data, answered_at, sent_at = await _exchange(address, port)
    except TimeoutError:
        raise Unreachable(f"{server}: no answer within {_TIMEOUT_S:g} s", trouble="timeout") from None
    except OSError as error:
        raise failure.not_connected(server, error, _TIMEOUT_S) from None
    return _reading(server, data, sent_at, answered_at)


async def _exchange(address: str, port: int) -> tuple[bytes, float, float]:
    import ntplib

    sent_at = time.time()
    packet: bytes = ntplib.NTPPacket(version=4, mode=3, tx_timestamp=ntplib.system_to_ntp_time(sent_at)).to_data()
    transport, question = await asyncio.get_running_loop().create_datagram_endpoint(
        lambda: _Question(packet), remote_addr=(address, port)
    )
    try:
        transport.sendto(packet)
        data, answered_at = await question.answer
    finally:
        transport.close()
        await asyncio.sleep(0)
    return data, answered_at, sent_at


def _reading(server: str, data: bytes, sent_at: float, answered_at: float) -> tuple[float, float]:
    import ntplib

    answer = ntplib.NTPPacket()
    try:
        answer.from_data(data)
    except ntplib.NTPException:
        raise Unavailable(f"{server} does not speak NTP") from None
    unusable = answer.leap == _UNSYNCHRONISED or not 0 < answer.stratum < _UNREACHABLE or answer.mode != _SERVER
    if unusable or not (answer.tx_timestamp and answer.recv_timestamp):
        raise Unavailable(f"{server} tells no time: it is not synchronised, or refuses to serve us")
    received, sent = (ntplib.ntp_to_system_time(stamp) for stamp in (answer.recv_timestamp, answer.tx_timestamp))
    delay = (answered_at - sent_at) - (sent - received)
    if delay < -_JITTER_S:
        raise Unavailable(f"{server} tells no time: it says that it took longer than we waited")
    return ((received - sent_at) + (sent - answered_at)) / 2, max(0.0, delay) / 2 + _JITTER_S
