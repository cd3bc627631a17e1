"""All scenarios, one module a stack."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.lab.errors import LabError
from tests.lab.scenarios import balancers, django, doors, express, flask, php, tomcat

if TYPE_CHECKING:
    from tests.lab.scenario import Scenario

SCENARIOS = (
    *express.SCENARIOS, *flask.SCENARIOS, *django.SCENARIOS, *php.SCENARIOS, *tomcat.SCENARIOS, *doors.SCENARIOS,
    *balancers.SCENARIOS,
)  # fmt: skip


def named(name: str) -> Scenario:
    """The scenario of that name. Raises `LabError`."""
    for scenario in SCENARIOS:
        if scenario.name == name:
            return scenario
    raise LabError(f"no scenario is called {name!r}: python -m tests.lab --list")
