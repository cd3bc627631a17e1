"""The network under httpcore: pins the address, binds the source, and keeps to the time of the call.

Imported late: httpcore takes longer to load than a request to answer.
"""

from __future__ import annotations

import asyncio
import ssl
from typing import TYPE_CHECKING, Any

import httpcore

from sessiondoctor.errors import Unavailable, Unreachable
from sessiondoctor.wire import failure
from sessiondoctor.wire.channel import Channel
from sessiondoctor.wire.trust import offer_http

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sessiondoctor.wire.proxy import Proxy
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
        """Whether HTTP/2 is spoken."""
        return self._route.trust.http == "2" or (self.channel is not None and self._agreed(self.channel))

    @property
    def with_proxy(self) -> Proxy | None:
        """The proxy, as long as we speak with itself, and not through it."""
        proxy, channel = self._route.proxy, self.channel
        if proxy is None or proxy.forwards(self._route.origin):
            return None
        if self._route.origin.scheme == "http":
            through = channel is not None and channel.sent_at
        else:
            through = channel is not None and channel.secured > (proxy.scheme == "https")
        return None if through else proxy

    @property
    def over(self) -> bool:
        """Whether the connection of the last call can carry no other."""
        return self.channel is not None and self.channel.over

    async def aclose(self) -> None:
        """Close the newest connection, which httpcore forgets where SOCKS or TLS on it failed, or was cancelled."""
        channel, self.channel = self.channel, None
        if channel:
            await channel.aclose()

    async def begin(self, call: Call) -> None:
        """A call begins, over the connection that is open, or else a new one."""
        self._call = call
        if self.channel:
            for _ in range(2):  # two turns of the loop: an end of the stream that has arrived is now known
                await asyncio.sleep(0)
            self._received_before = self.channel.received
            self.channel.begin(call.limits.header_bytes)
        self.reused = self.channel is not None

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
        await self.aclose()
        self.reused = False
        self._until = min(self._call.deadline, asyncio.get_running_loop().time() + self._call.limits.connect_s)
        try:
            self.channel = await self._first_of(await self._names.addresses(self._route, self._until))
        except Unavailable as error:
            raise failure.through_proxy(self._route.place(), error) if self._route.proxy else error from None
        self._received_before = 0
        self.channel.begin(self._call.limits.header_bytes)
        if self._route.trust.http == "2" and self._route.origin.scheme == "http":
            self.channel.speak_http2()
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
        source = self._route.source
        try:
            async with asyncio.timeout(seconds):
                _, channel = await asyncio.get_running_loop().create_connection(
                    lambda: Channel(self._secure),
                    address,
                    self._route.peer[1],
                    local_addr=(source, 0) if source else None,
                )
        except OSError as error:
            raise failure.not_connected(self._place(address), error, seconds) from error
        return channel

    def _place(self, address: str) -> str:
        """How messages name whom we connect to."""
        proxy = self._route.proxy
        return proxy.place if proxy else self._route.place(address)

    async def _secure(self, channel: Channel, context: ssl.SSLContext, host: str) -> None:
        route, seconds = self._route, self._until - asyncio.get_running_loop().time()
        to_proxy = route.proxy is not None and route.proxy.scheme == "https" and not channel.secured
        offer_http(context, "1.1" if to_proxy else route.trust.http)  # httpcore names the older one first
        try:
            async with asyncio.timeout(seconds):
                await channel.handshake(context, host if to_proxy else route.server_name.rstrip("."))
        except OSError as error:
            if _finds_no_common_http(error):
                raise self._other_http() from None
            address = "" if route.proxy else channel.peer
            problem = failure.not_connected(self._place("") if to_proxy else route.place(address), error, seconds)
            raise failure.through_proxy(route.place(), problem) if to_proxy else problem from error
        if not to_proxy and self._agreed(channel):
            channel.speak_http2()
        elif not to_proxy and route.trust.http == "2":
            raise self._other_http()

    def _other_http(self) -> Unreachable:
        hint = "leave `site.http` out"
        return Unreachable(f"{self._route.place()}: it does not speak HTTP/2", trouble="malformed", hint=hint)

    @staticmethod
    def _agreed(channel: Channel) -> bool:
        """Whether TLS agreed on HTTP/2."""
        tls = channel.get_extra_info("ssl_object")
        return tls is not None and tls.selected_alpn_protocol() == "h2"


def _finds_no_common_http(error: OSError) -> bool:
    """Whether it is the alert `no_application_protocol` (RFC 7301), for which Python knows no constant."""
    return isinstance(error, ssl.SSLError) and "alert no application protocol" in str(error)
