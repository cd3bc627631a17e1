"""Other ways into the site: its further public URLs, addresses, balancers, and the client's own addresses."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from sessiondoctor.evidence.entry.visits import Exchange, Trace

EntryPointKind = Literal["url", "scheme", "address", "balancer", "source"]


@dataclass(frozen=True, slots=True)
class EntryPoint:
    """One way in, other than the first.

    Attributes:
        kind: a declared URL, the same URL as http instead of https or the reverse, one address of the name, one
            balancer's own URL, or one local address to connect from.
        name: how the report calls it: a URL without query, an IP address, or a balancer's name.
        family: `ipv4` or `ipv6` where the entry point is an address; empty otherwise.
    """

    kind: EntryPointKind
    name: str
    family: Literal["", "ipv4", "ipv6"] = ""


@dataclass(frozen=True, slots=True)
class EntryPointTest:
    """A session made through the home entry point, looked at through another, then at home again.

    Attributes:
        made: its making, at home.
        there: looks through the other entry point, with what a browser would send there; `raw_there` sends every
            cookie, and is empty where a browser sends the session cookie too.
        back: looks at home afterwards.
        withheld: why a browser does not send the session cookie there; empty if it does or there is none.
        leads_to: scheme://host:port that the entry point redirects a new client to; empty if it answers itself.
        session_cookies: names of the session cookies that a new client is handed there.
        trouble: why the entry point gave no usable answer to a new client (refused, timeout ...); empty otherwise.
    """

    entry_point: EntryPoint
    made: Exchange
    there: tuple[Exchange, ...] = ()
    raw_there: tuple[Exchange, ...] = ()
    back: tuple[Exchange, ...] = ()
    withheld: str = ""
    leads_to: str = ""
    session_cookies: tuple[str, ...] = ()
    trouble: str = ""

    @property
    def client(self) -> str:
        """The name that a report gives the client."""
        return f"through {self.entry_point.name}"

    @property
    def exchanges(self) -> tuple[Exchange, ...]:
        """All in order."""
        return (self.made, *self.there, *self.back)

    @property
    def lost(self) -> bool:
        """Whether the state was gone through the other entry point."""
        return any(exchange.state == "lost" for exchange in self.there)

    @property
    def kept(self) -> bool:
        """Whether the state was seen through the other entry point, and never missed."""
        return not self.lost and any(exchange.state == "kept" for exchange in self.there)


@dataclass(frozen=True, slots=True)
class EntryPoints:
    """All entry point tests.

    Attributes:
        home: the URL of the first entry point, without query.
        home_address: the address that it was reached at.
        home_lost: whether a client that only used the home entry point, at the same time, lost its state as well: then
            a loss through another entry point proves nothing about the entry point.
        flow: whether state itself was followed.
    """

    home: str
    entry_tests: tuple[EntryPointTest, ...]
    home_address: str = ""
    home_lost: bool = False
    flow: bool = False

    @property
    def clients(self) -> dict[str, Trace]:
        """What every client did, by the name that a report gives it."""
        return {entry_test.client: Trace(entry_test.exchanges) for entry_test in self.entry_tests}

    def of(self, *kinds: EntryPointKind) -> tuple[EntryPointTest, ...]:
        """The entry point tests through entry points of these kinds."""
        return tuple(entry_test for entry_test in self.entry_tests if entry_test.entry_point.kind in kinds)
