"""What a load balancer says of itself: its servers and their health."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Server:
    """One server line of `show stat` (HAProxy management guide, 9.1). Times in seconds, counters since its start.

    Attributes:
        node: the topology's node with this address or name; empty if none matches.
        cookie: the value that stands for this server in the affinity cookie; empty if there is none.
        last_change_s: since the last change of status; None if never.
        checks_failed: failed checks while UP; `went_down` counts transitions from UP to DOWN.
    """

    pool: str
    name: str
    node: str
    address: str
    status: str
    weight: int
    cookie: str
    sessions: int
    checks_failed: int
    went_down: int
    last_change_s: int | None
    downtime_s: int
    retries: int
    redispatches: int
    check_status: str = ""


@dataclass(frozen=True, slots=True)
class BalancerStatus:
    """One balancer. `affinity_cookie` is the cookie name of the pool; `algorithm` its balancing algorithm."""

    balancer: str
    kind: str
    algorithm: str
    affinity_cookie: str
    servers: tuple[Server, ...]
