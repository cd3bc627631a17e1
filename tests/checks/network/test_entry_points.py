"""Checks of the ways into a site: addresses, URLs, balancers, and the client's own addresses: family network."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from sessiondoctor.api import Problem
from sessiondoctor.catalogue.check_files import builtin
from sessiondoctor.catalogue.loader import Catalogue
from tests.checks.cases import FAIL, NOT, PASS, UNSURE, Case, case, verify
from tests.checks.evidence.entry_points import (
    FOUR,
    HOME,
    REFUSED,
    SIX,
    address,
    entry_points,
    url,
)

if TYPE_CHECKING:
    from tests.checks.conftest import Judge

CASES = [
    case("addresses-disagree", FAIL, entry_points(address(states="lll")), says=f"made at {HOME} is unknown at {FOUR}"),
    case("addresses-disagree", FAIL, entry_points(address(), address(SIX, "lll")), says="IPv6 loses what IPv4 keeps"),
    case("addresses-disagree", FAIL, entry_points(address(HOME, "lkl"), home_address=SIX), says="IPv4 loses what IPv6 keeps"),
    case("addresses-disagree", PASS, entry_points(address(), address(SIX))),
    case("addresses-disagree", UNSURE, entry_points(address(states="lll"), home_lost=True), says="stays at one address"),
    case("addresses-disagree", UNSURE, entry_points(address(**REFUSED)), says="refused"),
    case("addresses-disagree", UNSURE, entry_points(address(), address(SIX, "???")), says="site.flow"),
    case("addresses-disagree", NOT, entry_points(url("lll"))),
    case("families-disagree", FAIL, entry_points(address(SIX, "lll")), says="made by IPv4 are unknown by IPv6"),
    case("families-disagree", FAIL, entry_points(address(), address(SIX, "lll")), says=SIX),
    case("families-disagree", PASS, entry_points(address(states="lll"), address(SIX, "lll")), says="of one family"),
    case("families-disagree", PASS, entry_points(address(states="lll"), address(SIX))),
    case("families-disagree", UNSURE, entry_points(address(SIX, "lll"), home_lost=True)),
    case("families-disagree", UNSURE, entry_points(address(SIX, **REFUSED)), says="refused"),
    case("families-disagree", NOT, entry_points(address(states="lll"))),
]  # fmt: skip


@pytest.mark.parametrize("one", CASES)
def test_doors(one: Case, judge: Judge) -> None:
    """Each check fails on its fault, passes on the look-alike, and knows when it cannot tell."""
    verify(one, judge)


def test_the_losing_doors_are_where_it_is() -> None:
    """And nothing else."""
    (check,) = Catalogue((builtin(),)).select(["addresses-disagree"])
    (problem,) = check.judge(entry_points(address(), address("10.0.0.3", "lll"), address(SIX, "lll")))
    assert isinstance(problem, Problem)
    assert problem.where == ("10.0.0.3", SIX)
    assert problem.seen["client"] == "through 10.0.0.3"
