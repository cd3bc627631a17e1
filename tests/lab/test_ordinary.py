"""One textbook fault in 24 set-ups: that something is lost is seen in all, and the fault comes first."""

from __future__ import annotations

import pytest

from tests.lab.ordinary import SETUPS, measured

LIKE_MOST_SITES = {"prg": True, "named": False}
SERVERS = [
    pytest.param(prg, named, marks=() if {"prg": prg, "named": named} == LIKE_MOST_SITES else pytest.mark.thorough)
    for prg in (False, True)
    for named in (False, True)
]


@pytest.mark.timeout(300)
@pytest.mark.parametrize(("prg", "named"), SERVERS)
def test_the_loss_is_seen_and_named(prg: bool, named: bool) -> None:  # noqa: FBT001 - parameters of a test
    """With the nodes' URLs and without, whatever mode is declared; no node is said to have lost its own sessions."""
    rows = list(measured(tuple(setup for setup in SETUPS if (setup.prg, setup.named) == (prg, named))))
    assert len(rows) == 6
    assert [row.setup for row in rows if not row.lost or row.exit_code == 0] == []
    assert [row.setup for row in rows if row.in_place] == []
    assert [(row.setup, row.others) for row in rows if row.others] == []
    assert sum(row.is_right for row in rows) >= 5, [(row.setup, row.first) for row in rows]
