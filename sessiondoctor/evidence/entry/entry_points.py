"""Other ways into the site: its further public URLs, addresses, balancers, and the client's own addresses."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from sessiondoctor.evidence.entry.visits import Hop

DoorKind = Literal["url", "scheme", "address", "balancer", "source"]


@dataclass(frozen=True, slots=True)
class Door:
    """One way in, other than the first.

    Attributes:
        kind: a declared URL, the same URL as http instead of https or the reverse, one address of the name, one
            balancer's own URL, or one local address to connect from.
        name: how the report calls it: a URL without query, an IP address, or a balancer's name.
        family: `ipv4` or `ipv6` where the door is an address; empty otherwise.
    """

    kind: DoorKind
    name: str
    family: Literal["", "ipv4", "ipv6"] = ""


@dataclass(frozen=True, slots=True)
class Crossing:
    """A session made through the home door, looked at through another, then at home again.

    Attributes:
        made: its making, at home.
        there: looks through the other door, with what a browser would send there; `raw_there` sends every cookie, and
            is empty where a browser sends the session cookie too.
        back: looks at home afterwards.
        withheld: why a browser does not send the session cookie there; empty if it does or there is none.
        leads_to: scheme://host:port that the door redirects a stranger to; empty if it answers itself.
        session_cookies: names of the session cookies that a stranger is handed there.
        trouble: why the door gave no usable answer to a stranger (refused, timeout ...); empty otherwise.
    """

    door: Door
    made: Hop
    there: tuple[Hop, ...] = ()
    raw_there: tuple[Hop, ...] = ()
    back: tuple[Hop, ...] = ()
    withheld: str = ""
    leads_to: str = ""
    session_cookies: tuple[str, ...] = ()
    trouble: str = ""

    @property
    def hops(self) -> tuple[Hop, ...]:
        """All in order."""
        return (self.made, *self.there, *self.back)

    @property
    def lost(self) -> bool:
        """Whether the state was gone through the other door."""
        return any(hop.state == "lost" for hop in self.there)

    @property
    def kept(self) -> bool:
        """Whether the state was seen through the other door, and never missed."""
        return not self.lost and any(hop.state == "kept" for hop in self.there)


@dataclass(frozen=True, slots=True)
class Doors:
    """All crossings.

    Attributes:
        home: the URL of the first door, without query.
        home_address: the address that it was reached at.
        home_lost: whether a client that only used the home door, at the same time, lost its state as well: then a
            loss through another door proves nothing about the door.
        flow: whether state itself was followed.
    """

    home: str
    crossings: tuple[Crossing, ...]
    home_address: str = ""
    home_lost: bool = False
    flow: bool = False

    def of(self, *kinds: DoorKind) -> tuple[Crossing, ...]:
        """The crossings through doors of these kinds."""
        return tuple(crossing for crossing in self.crossings if crossing.door.kind in kinds)
