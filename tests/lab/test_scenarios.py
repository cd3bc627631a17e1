"""Each scenario: start it, prove that its fault shows, scan it, compare.

A plain run starts each cause once and every healthy cluster; `pytest tests/lab -m ""` starts all.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.lab.scan import scan
from tests.lab.scenarios import SCENARIOS, everyday

if TYPE_CHECKING:
    from tests.lab.scan import Scan
    from tests.lab.scenario import Scenario

CASES = [
    pytest.param(scenario, id=scenario.name, marks=[] if scenario.name in everyday() else pytest.mark.thorough)
    for scenario in SCENARIOS
]


# The first of a kind downloads and builds what it runs: with Maven that may take minutes.
@pytest.mark.timeout(480)
@pytest.mark.parametrize("scenario", CASES)
def test_a_scan_names_the_cause_and_no_secret(scenario: Scenario) -> None:
    """The first diagnosis is the fault that was switched on, healthy is healthy, and nothing planted is printed."""
    with scenario.running() as (_, cluster):
        planted = scenario.prove(cluster)
        result = scan(cluster, words=scenario.words)
    if scenario.cause is None:
        assert_healthy(result)
    else:
        assert_diagnosed(result, scenario.cause, scenario.where)
    assert_advised(result, scenario.advice)
    assert_secret(result, planted)


def assert_healthy(result: Scan) -> None:
    """No diagnosis, and the exit code of success."""
    assert [(entry["cause"], entry["because"]) for entry in result.report["diagnosis"]] == []
    assert (result.report["verdict"], result.exit_code) == ("no-fault-found", 0), result.documents["text"]
    assert result.report["exit_code"] == 0


def assert_advised(result: Scan, cause: str) -> None:
    """Its advice names `cause`, if that is given."""
    if cause:
        assert cause in {entry["cause"] for entry in result.report["advice"]}, result.documents["text"]


def assert_diagnosed(result: Scan, cause: str, where: tuple[str, ...]) -> None:
    """The first diagnosis is `cause`, at `where` if that is given."""
    named = [entry["cause"] for entry in result.report["diagnosis"]]
    assert named[:1] == [cause], f"{named}, {result.report['verdict']}\n{result.documents['text']}"
    if where:
        assert set(result.report["diagnosis"][0]["where"]) == set(where)
    assert result.report["verdict"] == "fault-found"
    assert result.exit_code == result.report["exit_code"] == 1


def assert_secret(result: Scan, planted: frozenset[str]) -> None:
    """No document contains a planted secret, cookie value or item."""
    leaks = {name for name, document in result.documents.items() if any(secret in document for secret in planted)}
    assert leaks == set()
