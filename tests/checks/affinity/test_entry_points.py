"""Checks of the ways into a site: addresses, URLs, balancers, and the client's own addresses: family affinity."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.checks.cases import FAIL, NOT, PASS, UNSURE, Case, case, verify
from tests.checks.evidence.entry_points import (
    APP2,
    REFUSED,
    SHARED,
    STICKY,
    address,
    entry_points,
    source,
    standby,
    url,
)

if TYPE_CHECKING:
    from tests.checks.conftest import Judge

CASES = [
    case("source-address-moves", FAIL, entry_points(source("lll", APP2)), says="loses its state, where app2 answers"),
    case("source-address-moves", FAIL, entry_points(source("???", APP2)), STICKY, says="by app2 instead of app1"),
    case("source-address-moves", PASS, entry_points(source(nodes=APP2)), SHARED),
    case("source-address-moves", PASS, entry_points(source()), STICKY),
    case("source-address-moves", PASS, entry_points(source("???")), STICKY, says="the same node"),
    case("source-address-moves", UNSURE, entry_points(source("???", APP2)), SHARED, says="site.flow"),
    case("source-address-moves", UNSURE, entry_points(source(**REFUSED)), STICKY, says="refused"),
    case("source-address-moves", UNSURE, entry_points(source("lll", APP2), home_lost=True)),
    case("source-address-moves", NOT, entry_points(address())),
    case("balancers-disagree", FAIL, entry_points(standby("lll", APP2)), says="loses its state: app2 answers instead of app1"),
    case("balancers-disagree", FAIL, entry_points(standby("lll", "- - -")), says="through standby a client loses its state"),
    case("balancers-disagree", FAIL, entry_points(standby("???", APP2)), STICKY, says="by app2 instead of app1"),
    case("balancers-disagree", FAIL, entry_points(standby("lll", withheld="Path=/x", raw="ll"))),
    case("balancers-disagree", PASS, entry_points(standby(nodes=APP2)), SHARED),
    case("balancers-disagree", PASS, entry_points(standby()), STICKY),
    case("balancers-disagree", PASS, entry_points(standby("lll", withheld="Path=/x", raw="kk"))),
    case("balancers-disagree", UNSURE, entry_points(standby("lll", APP2), home_lost=True)),
    case("balancers-disagree", UNSURE, entry_points(standby(**REFUSED)), says="refused"),
    case("balancers-disagree", UNSURE, entry_points(standby("", leads_to="https://sso.test:443")), says="sso.test"),
    case("balancers-disagree", NOT, entry_points(url("lll"))),
]  # fmt: skip


@pytest.mark.parametrize("one", CASES)
def test_doors(one: Case, judge: Judge) -> None:
    """Each check fails on its fault, passes on the look-alike, and knows when it cannot tell."""
    verify(one, judge)
