"""Where a request goes, and by when its exchange must end."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING

from sessiondoctor.errors import Unavailable
from sessiondoctor.wire import failure
from sessiondoctor.wire.address import Origin, host_name, is_ip
from sessiondoctor.wire.lookup import system_lookup
from sessiondoctor.wire.message import Limits, Request
from sessiondoctor.wire.proxy import Proxy
from sessiondoctor.wire.trust import Trust

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    Lookup = Callable[[str, int], Awaitable[tuple[str, ...]]]

NO_NAMES: Mapping[str, tuple[str, ...]] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Route:
    """All that decides where a connection leads; `server_name` is what TLS asks for."""

    origin: Origin
    server_name: str
    address: str
    source: str
    trust: Trust
    proxy: Proxy | None = None

    @property
    def peer(self) -> tuple[str, int]:
        """Host and port of whom we connect to."""
        near = self.proxy or self.origin
        return near.host, near.port

    def place(self, address: str = "") -> str:
        """Name the peer in messages: `host:port`, and the address where that says more."""
        more = f" ({address})" if address not in {"", self.origin.host} else ""
        return self.origin.authority + more


@dataclass(frozen=True, slots=True, repr=False, eq=False)
class Call:
    """One request and how long it may take; `began` is in seconds of the loop's clock."""

    request: Request
    began: float
    limits: Limits

    @property
    def deadline(self) -> float:
        """When its exchange must end."""
        return self.began + self.limits.total_s


class Names:
    """The addresses of host names.

    Args:
        resolve: what they are, in the place of a lookup, as `curl --resolve`.
        lookup: finds the addresses of a host and port; the system's by default.
    """

    def __init__(self, resolve: Mapping[str, tuple[str, ...]] = NO_NAMES, lookup: Lookup | None = None) -> None:
        self._resolve = {host_name(name): addresses for name, addresses in resolve.items()}
        self._lookup = lookup or system_lookup

    def known(self, route: Route) -> tuple[str, ...]:
        """The addresses that need no lookup."""
        host = route.origin.host
        if route.address or is_ip(host):
            return (route.address or host,)
        return self._resolve.get(host, ())

    def check(self, route: Route) -> None:
        """Make sure that what is asked for can be had through the proxy.

        Raises:
            Unavailable: the proxy decides about it.
        """
        proxy, host = route.proxy, route.origin.host
        if proxy and route.source:
            raise Unavailable(f"{route.place()} is asked through a proxy: it sees the proxy's address")
        if proxy and proxy.forwards(route.origin) and (route.address or host in self._resolve):
            raise Unavailable(f"{route.place()} is asked through a proxy, which finds its address itself")

    async def addresses(self, route: Route, until: float) -> tuple[str, ...]:
        """Those that the route's source can connect to.

        Raises:
            Unreachable: the name has none.
            Unavailable: none is of the family of the source.
        """
        if route.proxy:
            return (route.proxy.host,) if is_ip(route.proxy.host) else await self._look_up(route, until)
        addresses = self.known(route) or await self._look_up(route, until)
        if not route.source:
            return addresses
        family = tuple(address for address in addresses if (":" in address) == (":" in route.source))
        if not family:
            raise Unavailable(f"{route.place()} has no address that {route.source} can connect to")
        return family

    async def _look_up(self, route: Route, until: float) -> tuple[str, ...]:
        place = route.place()
        try:
            async with asyncio.timeout_at(until):
                return await self._lookup(*route.peer)
        except TimeoutError as error:
            raise failure.unknown_name(place, "the lookup did not answer in time") from error
        except OSError as error:
            raise failure.unknown_name(place, (error.strerror or "no reason given").lower()) from error
