"""All scenarios, one module a stack."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.lab.errors import LabError
from tests.lab.scenarios import balancers, express, flask, tomcat

if TYPE_CHECKING:
    from tests.lab.scenario import Scenario

SCENARIOS = (*express.SCENARIOS, *flask.SCENARIOS, *tomcat.SCENARIOS, *balancers.SCENARIOS)


def named(name: str) -> Scenario:
    """The scenario of that name. Raises `LabError`."""
    for scenario in SCENARIOS:
        if scenario.name == name:
            return scenario
    raise LabError(f"no scenario is called {name!r}: python -m tests.lab --list")
