"""The client: one request, one response, within limits, at a gentle pace."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING, Self

from sessiondoctor.errors import Unreachable, UsageError
from sessiondoctor.wire.address import is_ip, split_url
from sessiondoctor.wire.later import LATER, wait_of
from sessiondoctor.wire.route import NO_NAMES, Call, Names, Route
from sessiondoctor.wire.trust import Contexts, Trust

if TYPE_CHECKING:
    from collections.abc import Mapping
    from types import TracebackType

    from sessiondoctor.wire.exchange import Held, Line
    from sessiondoctor.wire.message import Limits, Request, Response
    from sessiondoctor.wire.pace import Pace
    from sessiondoctor.wire.proxy import Proxies
    from sessiondoctor.wire.route import Lookup

__all__ = ["Connection", "Trust", "Wire"]

_SYSTEM = Trust()
# RFC 9110 section 9.2.2: only these may be sent again without knowing whether the first one was handled.
_IDEMPOTENT = {"GET", "HEAD", "OPTIONS", "TRACE", "PUT", "DELETE"}

_OF_A_CONNECTION = {"connection", "upgrade", "keep-alive", "proxy-connection", "transfer-encoding", "te"}


class Connection:
    """A connection kept open between requests: opened by the first, closed by `aclose`, one exchange at a time.

    A request that leads elsewhere than the one before closes it and opens another.
    """

    def __init__(self, opened: set[Connection], *, address: str, source: str, trust: Trust) -> None:
        self.address = address
        self.source = source
        self.trust = trust
        self.turn = asyncio.Lock()
        self._opened = opened
        self._line: Line | None = None
        self._route: Route | None = None

    async def line(self, route: Route, names: Names, contexts: Contexts) -> Line:
        """Return what sends along this route."""
        from sessiondoctor.wire.exchange import Line  # so late: httpx is loaded when something is to be sent

        if self._line is None or self._route != route:
            await self.aclose()
            self._line, self._route = Line(route, names, contexts), route
            self._opened.add(self)
        return self._line

    async def aclose(self) -> None:
        """Close; a later request opens again."""
        self._opened.discard(self)
        line, self._line = self._line, None
        if line:
            await line.aclose()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.aclose()


class Wire:
    """Sends requests. Follows nothing, keeps no cookies, retries (almost) nothing.

    Args:
        limits: of each exchange.
        pace: of all exchanges together; waiting for it is not part of an exchange.
        resolve: addresses of host names, in the place of a lookup, as `curl --resolve`.
        lookup: finds the addresses of a host and port; the system's by default.
        proxies: through which proxy each request goes; without, through none.
        trust: of the site; what a request says nothing about is as here, but for the authorities.
    """

    def __init__(
        self,
        *,
        limits: Limits,
        pace: Pace,
        resolve: Mapping[str, tuple[str, ...]] = NO_NAMES,
        lookup: Lookup | None = None,
        proxies: Proxies | None = None,
        trust: Trust = _SYSTEM,
    ) -> None:
        self._trust = trust
        self._proxies = proxies
        self._limits = limits
        self._pace = pace
        self._names = Names(resolve, lookup)
        self._contexts = Contexts()
        self._opened: set[Connection] = set()

    @property
    def limits(self) -> Limits:
        """The limits of each exchange."""
        return self._limits

    @property
    def refusals(self) -> Mapping[str, Mapping[int, int]]:
        """How many responses were a 429 or a 503, by `host:port`."""
        return self._pace.refusals

    def with_limits(self, limits: Limits) -> Wire:
        """Return a view of this wire with other limits: pace, counts, names and connections are shared."""
        return self._view(limits, self._pace)

    def in_bursts(self) -> Wire:
        """Return a view whose requests do not wait for the pace of this wire, which counts them and makes up for it."""
        return self._view(self._limits, self._pace.in_bursts())

    def _view(self, limits: Limits, pace: Pace) -> Wire:
        view = Wire(limits=limits, pace=pace, proxies=self._proxies, trust=self._trust)
        view._names, view._contexts, view._opened = self._names, self._contexts, self._opened
        return view

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
            async with self.connection(address=address, source=source, trust=trust) as once:
                return await self.send(request, connection=once)
        route = self._route(
            request,
            _ip(address or connection.address),
            _ip(source or connection.source),
            connection.trust if trust == _SYSTEM else trust,
        )
        authority = route.origin.authority
        async with connection.turn:
            line = await connection.line(route, self._names, self._contexts)
            async with self._pace.slot(authority, self._names.known(route)):
                response = await _exchange(line, self._call(request))
        if response.status in LATER:
            self._pace.refused(authority, response.status, wait_of(response))
        return response

    async def hold(self, request: Request, connection: Connection) -> Held:
        """Send one request over this connection, and leave its response open until the connection is closed.

        Raises:
            Unreachable: there was no complete head of a response.
        """
        route = self._route(request, _ip(connection.address), _ip(connection.source), connection.trust)
        async with connection.turn:
            line = await connection.line(route, self._names, self._contexts)
            async with self._pace.slot(route.origin.authority, self._names.known(route)):
                return await line.hold(self._call(request))

    def _call(self, request: Request) -> Call:
        return Call(request, asyncio.get_running_loop().time(), self._limits)

    def _route(self, request: Request, address: str, source: str, trust: Trust) -> Route:
        """Where this request leads.

        Raises:
            UsageError: it is no valid request.
            Unavailable: it cannot go through the proxy.
        """
        request.check()
        origin = split_url(request.url).origin
        route = Route(
            origin=origin,
            server_name=request.virtual_host or origin.host,
            address=address,
            source=source,
            trust=_fit(request, trust.beside(self._trust)),
            proxy=self._proxies.of(origin) if self._proxies else None,
        )
        self._names.check(route)
        return route

    async def aclose(self) -> None:
        """Close every connection that is still open."""
        for connection in tuple(self._opened):
            await connection.aclose()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.aclose()


async def _exchange(line: Line, call: Call) -> Response:
    try:
        return await line.send(call)
    except Unreachable as error:
        closed_while_idle = error.trouble == "closed" and line.unanswered
        if not (closed_while_idle and call.request.method in _IDEMPOTENT):
            raise
    return await line.send(call)


def _fit(request: Request, trust: Trust) -> Trust:
    """HTTP/2 has no headers of a connection (RFC 9113 section 8.2.2): a request with one goes over 1.1."""
    names = {name.lower() for name, _ in request.headers}
    return replace(trust, http="1.1") if names & _OF_A_CONNECTION else trust


def _ip(text: str) -> str:
    if text and not is_ip(text):
        raise UsageError(f"{text!a} is not an IP address")
    return text
