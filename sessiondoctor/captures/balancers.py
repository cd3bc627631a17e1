"""What balancers print of themselves: HAProxy's `show stat`, Envoy's `/clusters?format=json`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sessiondoctor.probes.balancers import envoy
from sessiondoctor.probes.balancers.haproxy import read_statistics
from sessiondoctor.topology.model import Balancer

if TYPE_CHECKING:
    from sessiondoctor.evidence.balancers.status import BalancerStatus
    from sessiondoctor.topology.model import Topology

_HEADER = "# pxname,svname,"


def looks_like_haproxy(text: str) -> bool:
    """By the heading of the CSV, which an `echo show stat | socat` may stand before."""
    return _HEADER in text[:20_000]


def read_haproxy(text: str, name: str, topology: Topology) -> BalancerStatus:
    """The balancer's servers.

    Raises:
        Unavailable: it is no such CSV.
    """
    return read_statistics(text[max(text.find(_HEADER), 0) :], Balancer(name, kind="haproxy"), topology.nodes)


def looks_like_envoy(text: str) -> bool:
    """By the key that only this answer has."""
    return '"cluster_statuses"' in text[:20_000]


def read_envoy(text: str, name: str, topology: Topology) -> BalancerStatus:
    """The hosts of the cluster that matters; how clients are kept is in `/config_dump`, which is not here.

    Raises:
        Unavailable: it is no such JSON, or has no cluster with hosts.
    """
    return envoy.read((text, "{}"), Balancer(name, kind="envoy"), topology.nodes)
