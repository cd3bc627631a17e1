"""Checks of what differs between nodes: family time."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from sessiondoctor.evidence.network.clocks import Clocks
from sessiondoctor.topology.model import Node, Time
from tests.checks.build import clocks, located, place, topology
from tests.checks.cases import FAIL, NOT, PASS, UNSURE, Case, case, verify
from tests.checks.evidence.nodes import (
    NOWHERE,
)

if TYPE_CHECKING:
    from tests.checks.conftest import Judge

CASES = [
    case("node-clock-skew", FAIL, clocks(app1=0.0, app2=600.0, app3=0.1), topology(), says="app2 is 600 s ahead"),
    case("node-clock-skew", FAIL, clocks(app1=0.0, app2=-90.0), topology(), says="app2 is 90 s behind"),
    case("node-clock-skew", PASS, clocks(app1=0.0, app2=1.5, app3=-1.0), topology()),
    case("node-clock-skew", UNSURE, clocks(app1=0.0), topology()),
    case("node-clock-skew", UNSURE, clocks("affinity-cookie", edge=0.0, other=600.0), topology()),
    case("store-clock-skew", UNSURE, clocks("affinity-cookie", edge=0.0, sessions=600.0), topology()),
    case("store-clock-skew", FAIL, clocks(app1=0.0, app2=0.0, sessions=-300.0), topology(), says="-300 s"),
    case("store-clock-skew", PASS, clocks(app1=0.0, sessions=0.1), topology()),
    case("store-clock-skew", UNSURE, clocks(app1=0.0), topology()),
    case("ttl-differs-by-node", FAIL, located(app2=[place(ttl_s=600.0)]), says="app2"),
    case("ttl-differs-by-node", PASS, located(app2=[place(ttl_s=1790.0)])),
    case("ttl-differs-by-node", UNSURE, located(**NOWHERE)),
    case("ntp-offset", FAIL, clocks("ntp", ntp1=5.0), says="+5.000 s"),
    case("ntp-offset", PASS, clocks("ntp", ntp1=0.01)),
    case("ntp-offset", NOT, clocks(app1=0.0)),
]  # fmt: skip


@pytest.mark.parametrize("one", CASES)
def test_nodes(one: Case, judge: Judge) -> None:
    """Each check fails on its fault, passes on the look-alike, and knows when it cannot tell."""
    verify(one, judge)


def test_a_time_server_that_does_not_answer_is_no_agreement(judge: Judge) -> None:
    """Nor is it undeclared: its silence is said of it, beside the answer of another."""
    read = Clocks(clocks("ntp", app1=0.0).readings, {"ntp.test:123": "no answer in time"})
    declared = topology(
        nodes=(Node("app1", ntp="app1:123"), Node("app2", ntp="app2:123")), time=Time(("ntp.test:123",))
    )
    found = {finding.subject: (finding.status, finding.reason) for finding in judge("ntp-offset", read, declared)}
    assert found["app1"][0] == PASS
    assert found["app2"] == (UNSURE, "its time server did not answer")
    assert found["ntp.test:123"] == (UNSURE, "no answer in time")
