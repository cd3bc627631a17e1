"""The client: one request, one response, within limits, at a gentle pace."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Self

from sessiondoctor.errors import Unavailable, Unreachable, UsageError
from sessiondoctor.wire import failure
from sessiondoctor.wire.address import Origin, host_name, is_ip, split_url
from sessiondoctor.wire.channel import Channel
from sessiondoctor.wire.encode import encode
from sessiondoctor.wire.lookup import system_lookup
from sessiondoctor.wire.message import Limits, Request, Response
from sessiondoctor.wire.trust import Trust, tls_context

if TYPE_CHECKING:
    import ssl
    from collections.abc import Awaitable, Callable, Mapping
    from types import TracebackType

    from sessiondoctor.wire.pace import Pace
    from sessiondoctor.wire.reply import Reply

    Lookup = Callable[[str, int], Awaitable[tuple[str, ...]]]

__all__ = ["Connection", "Trust", "Wire"]

_SYSTEM = Trust()
_NO_NAMES: Mapping[str, tuple[str, ...]] = MappingProxyType({})
# RFC 9110 section 9.2.2: only these may be sent again without knowing whether the first one was handled.
_IDEMPOTENT = {"GET", "HEAD", "OPTIONS", "TRACE", "PUT", "DELETE"}


@dataclass(frozen=True, slots=True)
class _Route:
    """All that decides where a connection leads; `server_name` is what TLS asks for."""

    origin: Origin
    server_name: str
    address: str
    source: str
    trust: Trust

    def place(self, address: str) -> str:
        """Name the peer in messages: `host:port`, and the address where that says more."""
        more = f" ({address})" if address not in {"", self.origin.host} else ""
        return self.origin.authority + more


@dataclass(frozen=True, slots=True, repr=False, eq=False)
class _Call:
    """One request, ready to be sent; `began` is when its exchange began, in seconds of the loop's clock."""

    request: Request
    data: bytes
    route: _Route
    began: float
    limits: Limits

    @property
    def deadline(self) -> float:
        """When its exchange must end."""
        return self.began + self.limits.total_s


class Connection:
    """A connection kept open between requests: opened by the first, closed by `aclose`, one exchange at a time.

    A request that leads elsewhere than the one before closes it and opens another. `written` is set once the
    bytes of a request were handed to the system.
    """

    def __init__(self, opened: set[Connection], *, address: str, source: str, trust: Trust) -> None:
        self.address = address
        self.source = source
        self.trust = trust
        self.turn = asyncio.Lock()
        self.written = asyncio.Event()
        self._opened = opened
        self._channel: Channel | None = None
        self._route: _Route | None = None

    async def take(self, route: _Route) -> Channel | None:
        """Return the open channel if it leads there and is still good, else close it and return None."""
        channel, self._channel = self._channel, None
        if channel is None:
            return None
        for _ in range(2):  # two turns of the loop: an end of the stream that has arrived is now known
            await asyncio.sleep(0)
        if self._route == route and channel.idle:
            return channel
        channel.abort()
        return None

    def keep(self, route: _Route, channel: Channel) -> None:
        """Take a channel back for the next request."""
        self._route, self._channel = route, channel
        self._opened.add(self)

    async def aclose(self) -> None:
        """Close; a later request opens again."""
        self._opened.discard(self)
        channel, self._channel = self._channel, None
        if channel:
            channel.abort()
            await asyncio.sleep(0)  # the socket is closed in the next turn of the loop

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.aclose()


class Wire:
    """Sends requests. Follows nothing, keeps no cookies, decompresses nothing, retries (almost) nothing.

    Args:
        limits: of each exchange.
        pace: of all exchanges together; waiting for it is not part of an exchange.
        resolve: addresses of host names, in the place of a lookup, as `curl --resolve`.
        lookup: finds the addresses of a host and port; the system's by default.
    """

    def __init__(
        self,
        *,
        limits: Limits,
        pace: Pace,
        resolve: Mapping[str, tuple[str, ...]] = _NO_NAMES,
        lookup: Lookup | None = None,
    ) -> None:
        self._limits = limits
        self._pace = pace
        self._resolve = {host_name(name): addresses for name, addresses in resolve.items()}
        self._lookup = lookup or system_lookup
        self._contexts: dict[Trust, ssl.SSLContext] = {}
        self._opened: set[Connection] = set()
        self._ahead: dict[tuple[Request, str, str, Trust], asyncio.Task[Response]] = {}

    @property
    def limits(self) -> Limits:
        """The limits of each exchange."""
        return self._limits

    def in_bursts(self) -> Wire:
        """Return a wire whose requests do not wait for the pace of this one, which counts them and makes up for it."""
        wire = Wire(limits=self._limits, pace=self._pace.in_bursts(), resolve=self._resolve, lookup=self._lookup)
        wire._contexts, wire._opened = self._contexts, self._opened
        return wire

    def connection(self, *, address: str = "", source: str = "", trust: Trust = _SYSTEM) -> Connection:
        """Return a connection to be kept alive between several `send`s; it opens with the first."""
        return Connection(self._opened, address=address, source=source, trust=trust)

    async def send(
        self,
        request: Request,
        *,
        connection: Connection | None = None,
        address: str = "",
        source: str = "",
        trust: Trust = _SYSTEM,
    ) -> Response:
        """Send one request and read its response.

        Args:
            request: what to send.
            connection: use this connection and leave it open; without, open one and close it.
            address: connect to this IP address instead of those of the host.
            source: connect from this local IP address.
            trust: which certificates to accept; checked against the Host header, else the URL.
                What is given here comes before what the connection was made with.

        Raises:
            Unreachable: there was no complete response; `trouble` and one line say why.
            Unavailable: this machine could not try, for example for want of the `source` address.
            UsageError: the request, an address or the CA file is no such thing.
        """
        if connection is None:
            started = self._ahead.pop((request, address, source, trust), None)
            once = self.connection(address=address, source=source, trust=trust)
            return await (started or self._send_once(request, once))
        target = split_url(request.url)
        route = _Route(
            origin=target.origin,
            server_name=request.virtual_host or target.origin.host,
            address=_ip(address or connection.address),
            source=_ip(source or connection.source),
            trust=connection.trust if trust == _SYSTEM else trust,
        )
        data = encode(request, target)
        async with connection.turn, self._pace.slot(route.origin.authority, self._known_addresses(route)):
            call = _Call(request, data, route, asyncio.get_running_loop().time(), self._limits)
            return await self._exchange(connection, call)

    async def ahead(self, request: Request, *, address: str = "", trust: Trust = _SYSTEM) -> None:
        """Start a request, and return once it is written: its answer is under way while the caller does other things.

        The next `send` of an equal request with the same `address` and `trust`, and without a connection, returns its
        response or raises what went wrong with it; nothing is raised here. It is one exchange: its deadline runs
        from here, and its times include whatever keeps the event loop from reading. While it waits for its `send`,
        an equal request is not started again.
        """
        key = (request, address, "", trust)
        if key in self._ahead:
            return
        connection = self.connection(address=address, trust=trust)
        task = asyncio.create_task(self._send_once(request, connection))
        task.add_done_callback(lambda _: connection.written.set())
        self._ahead[key] = task
        await connection.written.wait()

    async def aclose(self) -> None:
        """Close every connection that is still open, and give up what was started ahead."""
        started = tuple(self._ahead.values())
        self._ahead.clear()
        for task in started:
            task.cancel()
        await asyncio.gather(*started, return_exceptions=True)
        for connection in tuple(self._opened):
            await connection.aclose()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.aclose()

    async def _send_once(self, request: Request, connection: Connection) -> Response:
        async with connection:
            return await self.send(request, connection=connection)

    async def _exchange(self, connection: Connection, call: _Call) -> Response:
        channel = await connection.take(call.route)
        if channel:
            before = channel.received
            try:
                return await _converse(connection, channel, call, reused=True)
            except Unreachable as error:
                closed_while_idle = error.trouble == "closed" and channel.received == before
                if not (closed_while_idle and call.request.method in _IDEMPOTENT):
                    raise
        return await _converse(connection, await self._open(call), call, reused=False)

    async def _open(self, call: _Call) -> Channel:
        """Connect to the first address that lets us, each within its share of the time."""
        now = asyncio.get_running_loop().time
        deadline = min(call.deadline, now() + call.limits.connect_s)
        addresses = await self._addresses(call.route, deadline)
        problem: Unavailable | None = None
        for tried, address in enumerate(addresses):
            share = (deadline - now()) / (len(addresses) - tried)
            try:
                return await self._dial(call.route, address, share)
            except Unavailable as error:
                problem = error
                if isinstance(error, Unreachable) and error.trouble == "tls":
                    break
        raise problem or failure.unknown_name(call.route.place(""), "it has no address")

    async def _dial(self, route: _Route, address: str, seconds: float) -> Channel:
        secure = route.origin.scheme == "https"
        try:
            async with asyncio.timeout(seconds):
                _, channel = await asyncio.get_running_loop().create_connection(
                    Channel,
                    address,
                    route.origin.port,
                    ssl=self._context(route.trust) if secure else None,
                    server_hostname=route.server_name.rstrip(".") if secure else None,
                    local_addr=(route.source, 0) if route.source else None,
                )
        except OSError as error:
            raise failure.not_connected(route.place(address), error, seconds) from error
        return channel

    async def _addresses(self, route: _Route, deadline: float) -> tuple[str, ...]:
        addresses = self._known_addresses(route) or await self._look_up(route, deadline)
        if not route.source:
            return addresses
        family = tuple(address for address in addresses if (":" in address) == (":" in route.source))
        if not family:
            raise Unavailable(f"{route.place('')} has no address that {route.source} can connect to")
        return family

    def _known_addresses(self, route: _Route) -> tuple[str, ...]:
        host = route.origin.host
        if route.address or is_ip(host):
            return (route.address or host,)
        return self._resolve.get(host, ())

    async def _look_up(self, route: _Route, deadline: float) -> tuple[str, ...]:
        place = route.place("")
        try:
            async with asyncio.timeout_at(deadline):
                return await self._lookup(route.origin.host, route.origin.port)
        except TimeoutError as error:
            raise failure.unknown_name(place, "the lookup did not answer in time") from error
        except OSError as error:
            raise failure.unknown_name(place, (error.strerror or "no reason given").lower()) from error

    def _context(self, trust: Trust) -> ssl.SSLContext:
        context = self._contexts.get(trust)
        if context is None:
            context = self._contexts[trust] = tls_context(trust)
        return context


async def _converse(connection: Connection, channel: Channel, call: _Call, *, reused: bool) -> Response:
    """Write the request, read the response, and give the channel back if it is good for another."""
    place = call.route.place(call.route.address)
    before = channel.received
    reply: Reply | None = None
    sent_at = time.time()
    try:
        channel.write(call.data)
        connection.written.set()
        from sessiondoctor.wire.reply import read_reply  # so late: the request leaves before h11 is loaded

        async with asyncio.timeout_at(call.deadline):
            reply = await read_reply(channel, place, call.request.method, call.limits)
    except OSError as error:
        raise failure.broken(place, error, call.limits.total_s, channel.received - before) from error
    finally:
        if reply and reply.reusable:
            connection.keep(call.route, channel)
        else:
            channel.abort()
    return Response(
        url=call.request.url,
        status=reply.status,
        headers=reply.headers,
        body=reply.body,
        truncated=reply.truncated,
        http_version=reply.http_version,
        address=channel.address,
        reused=reused,
        sent_at=sent_at,
        answered_at=reply.answered_at,
        elapsed_s=asyncio.get_running_loop().time() - call.began,
    )


def _ip(text: str) -> str:
    if text and not is_ip(text):
        raise UsageError(f"{text!a} is not an IP address")
    return text
