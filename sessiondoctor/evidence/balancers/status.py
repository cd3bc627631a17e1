"""What a load balancer says of itself: its servers, their health, and how it keeps clients on them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

_RECENT_S = 3600
_OFTEN = 5  # transitions to DOWN that are no maintenance any more

Keeping = Literal["cookie", "address", "none", "unknown"]


@dataclass(frozen=True, slots=True)
class Server:
    """One server, in the words of HAProxy's `show stat` (management guide, 9.1): seconds, and counters since its start.

    Attributes:
        node: the topology's node with this address, name or route; empty if none matches.
        cookie: the value or route that stands for this server in the affinity cookie; empty if there is none.
        status: `UP`, `DOWN`, `MAINT`, `DRAIN` ... as HAProxy says it; other products' words are translated.
        last_change_s: since the last change of status; None if never.
        went_down: transitions from UP to DOWN.
    """

    pool: str
    name: str
    node: str
    address: str
    status: str
    weight: int = 0
    cookie: str = ""
    sessions: int = 0
    went_down: int = 0
    last_change_s: int | None = None

    @property
    def flaps(self) -> bool:
        """Whether health checks take it out again and again: twice, the last time within the hour, or often."""
        recent = self.last_change_s is not None and self.last_change_s < _RECENT_S
        return self.went_down >= _OFTEN or (self.went_down >= 2 and recent)


@dataclass(frozen=True, slots=True)
class BalancerStatus:
    """One balancer.

    Attributes:
        algorithm: how it chooses a server for a new client, in its own words; empty if it does not say.
        affinity_cookie: the name of the cookie by which it keeps a client on a server; empty if there is none.
        keeping: by what it keeps clients, as far as it says so: `none` if it says that it does not.
    """

    balancer: str
    kind: str
    algorithm: str
    affinity_cookie: str
    servers: tuple[Server, ...]
    keeping: Keeping = "unknown"
