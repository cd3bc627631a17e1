"""What `--plan` announces is a promise: no scan sends more."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from sessiondoctor.catalogue.check_files import builtin
from sessiondoctor.catalogue.loader import Catalogue
from sessiondoctor.demo.cluster import cluster
from sessiondoctor.demo.faults import FAULTS
from sessiondoctor.pipeline.order import Order
from sessiondoctor.pipeline.scan import scan
from sessiondoctor.topology.target import read_target
from sessiondoctor.wire.client import Wire
from sessiondoctor.wire.message import Limits
from sessiondoctor.wire.pace import Pace

if TYPE_CHECKING:
    from sessiondoctor.probes.contract import Probe


class Quiet:
    """Progress that nobody sees."""

    def started(self, probe: Probe) -> None:
        """A probe begins."""

    def noted(self, probe: Probe, text: str) -> None:
        """A probe says how far it has come."""

    def finished(self, probe: Probe) -> None:
        """A probe has ended."""


@pytest.mark.parametrize("fault", ["none", *FAULTS])
def test_no_more_requests_than_planned(fault: str) -> None:
    """Through the balancer and to each node, whatever goes wrong there."""
    everything = Catalogue((builtin(),))
    with cluster(fault) as running:
        topology = read_target(str(running.topology), {})
        order = Order(topology, everything, tuple(everything.checks.values()))
        pace = Pace(0)
        wire = Wire(limits=Limits(), pace=pace, resolve=topology.site.resolve)
        asyncio.run(scan(order, wire, Quiet()))
        planned = order.plan().contacts()
    assert pace.sent
    assert {place: sent for place, sent in pace.sent.items() if sent > planned.get(place, 0)} == {}
