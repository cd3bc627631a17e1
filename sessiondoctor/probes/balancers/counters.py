"""Which node answered, where nothing in the response says so: HAProxy's counters before and after a lone request.

`stot` counts the sessions that a server was given, health checks not among them (management guide, 9.1). With one
client on the site, the server whose counter grew by the number of requests is the one that answered. Where several
grew, others use the site as well, and nothing is said.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sessiondoctor.context import Context
from sessiondoctor.errors import Unavailable
from sessiondoctor.probes.balancers.status import look
from sessiondoctor.topology.model import Balancer

if TYPE_CHECKING:
    from sessiondoctor.evidence.balancers.status import BalancerStatus
    from sessiondoctor.topology.model import Topology

_LONGEST_NAME = 64

Counters = dict[tuple[str, str], int]


def counting_balancer(topology: Topology) -> Balancer | None:
    """The balancer whose counters may be needed: none where the topology declares how responses name their node."""
    if topology.site.flow.node:
        return None
    return next((one for one in topology.load_balancers if one.kind == "haproxy" and one.stats), None)


@dataclass(slots=True)
class StatDeltas:
    """Reads the counters of one balancer after each request, as long as that works.

    Attributes:
        before: the last reading; None once a reading failed: then it is not tried again.
    """

    balancer: Balancer
    context: Context
    before: Counters | None

    @classmethod
    async def begin(cls, context: Context) -> StatDeltas | None:
        """The counters before the first request; None if there are none to read."""
        balancer = counting_balancer(context.topology)
        if balancer is None:
            return None
        try:
            return cls(balancer, context, _counters(await look(balancer, context)))
        except Unavailable:  # its own probe tells why
            return None

    async def answered_by(self, requests: int) -> str:
        """The node that answered so many requests since the last call; empty if that cannot be told."""
        if self.before is None:
            return ""
        try:
            status = await look(self.balancer, self.context)
        except Unavailable:
            self.before = None
            return ""
        before, self.before = self.before, _counters(status)
        server = grown(before, self.before, requests)
        return next((_name(one.node or one.name) for one in status.servers if (one.pool, one.name) == server), "")


def grown(before: Counters, after: Counters, requests: int) -> tuple[str, str] | None:
    """Pool and name of the only server whose counter changed, if it grew by exactly so much."""
    changed = {server: count - before.get(server, 0) for server, count in after.items() if count != before.get(server)}
    return next(iter(changed)) if list(changed.values()) == [requests] else None


def _counters(status: BalancerStatus) -> Counters:
    return {(server.pool, server.name): server.sessions for server in status.servers}


def _name(text: str) -> str:
    return "".join(filter(str.isprintable, text))[:_LONGEST_NAME]
