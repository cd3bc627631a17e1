"""The network under httpcore: pins the address, binds the source, and keeps to the time of the call.

Imported late: httpcore takes longer to load than a request to answer.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import httpcore

from sessiondoctor.errors import Unavailable, Unreachable
from sessiondoctor.wire import failure
from sessiondoctor.wire.channel import Channel

if TYPE_CHECKING:
    import ssl
    from collections.abc import Iterable

    from sessiondoctor.wire.route import Call, Names, Route


class Backend(httpcore.AsyncNetworkBackend):
    """Connects along a route, whatever host httpcore names; once for each call, so that no peer makes it try for ever.

    Attributes:
        channel: the newest connection.
        reused: whether the call goes over a connection that served an earlier one.
    """

    def __init__(self, route: Route, names: Names) -> None:
        self.channel: Channel | None = None
        self.reused = False
        self._route = route
        self._names = names
        self._call: Call | None = None
        self._until = 0.0  # when connecting must have ended
        self._received_before = 0

    @property
    def received(self) -> int:
        """Bytes that arrived since the call began."""
        return self.channel.received - self._received_before if self.channel else 0

    @property
    def http2(self) -> bool:
        """Whether the peer agreed on HTTP/2."""
        tls = self.channel.get_extra_info("ssl_object") if self.channel else None
        return tls is not None and tls.selected_alpn_protocol() == "h2"

    async def begin(self, call: Call) -> None:
        """A call begins, over the connection that is open, or else a new one."""
        self._call = call
        self.reused = self.channel is not None
        if self.channel:
            for _ in range(2):  # two turns of the loop: an end of the stream that has arrived is now known
                await asyncio.sleep(0)
            self._received_before = self.channel.received
            self.channel.begin(call.limits.header_bytes)

    async def connect_tcp(
        self,
        host: str,  # noqa: ARG002 - the route knows
        port: int,  # noqa: ARG002 - likewise
        timeout: float | None = None,  # noqa: ARG002, ASYNC109 - the call knows
        local_address: str | None = None,  # noqa: ARG002 - the route knows
        socket_options: Iterable[Any] | None = None,  # noqa: ARG002 - there are none
    ) -> Channel:
        """Connect to the first address that lets us, each within its share of the time.

        Raises:
            Unavailable: none does; `Unreachable` where the network said why.
        """
        assert self._call
        if self.channel and not self.reused:
            raise Unreachable(f"{self._route.place()}: it closes every connection", trouble="closed")
        self.channel, self.reused = None, False
        self._until = min(self._call.deadline, asyncio.get_running_loop().time() + self._call.limits.connect_s)
        self.channel = await self._first_of(await self._names.addresses(self._route, self._until))
        self._received_before = 0
        self.channel.begin(self._call.limits.header_bytes)
        return self.channel

    async def _first_of(self, addresses: tuple[str, ...]) -> Channel:
        now, until = asyncio.get_running_loop().time, self._until
        problem: Unavailable | None = None
        for tried, address in enumerate(addresses):
            try:
                return await self._dial(address, (until - now()) / (len(addresses) - tried))
            except Unavailable as error:
                problem = error
        raise problem or failure.unknown_name(self._route.place(), "it has no address")

    async def _dial(self, address: str, seconds: float) -> Channel:
        route = self._route
        try:
            async with asyncio.timeout(seconds):
                _, channel = await asyncio.get_running_loop().create_connection(
                    lambda: Channel(self._secure),
                    address,
                    route.origin.port,
                    local_addr=(route.source, 0) if route.source else None,
                )
        except OSError as error:
            raise failure.not_connected(route.place(address), error, seconds) from error
        return channel

    async def _secure(self, channel: Channel, context: ssl.SSLContext, _host: str) -> None:
        seconds = self._until - asyncio.get_running_loop().time()
        address = channel.address.rpartition(":")[0].strip("[]")
        try:
            async with asyncio.timeout(seconds):
                await channel.handshake(context, self._route.server_name.rstrip("."))
        except OSError as error:
            raise failure.not_connected(self._route.place(address), error, seconds) from error
