"""All scenarios: the `SCENARIOS` of each module here, one a topic. There is no list to edit."""

from __future__ import annotations

import importlib
import pkgutil
from typing import TYPE_CHECKING

from tests.lab.errors import LabError

if TYPE_CHECKING:
    from tests.lab.scenario import Scenario

SCENARIOS: tuple[Scenario, ...] = tuple(
    scenario
    for module in sorted(pkgutil.iter_modules(__path__), key=lambda found: found.name)
    for scenario in importlib.import_module(f"{__name__}.{module.name}").SCENARIOS
)


def everyday() -> frozenset[str]:
    """The names of those that every test run starts: each cause once, and all where nothing is wrong."""
    once = {scenario.cause: scenario.name for scenario in reversed(SCENARIOS) if scenario.cause}
    healthy = {scenario.name for scenario in SCENARIOS if not (scenario.cause or scenario.heavy)}
    return frozenset(once.values()) | healthy


def named(name: str) -> Scenario:
    """The scenario of that name. Raises `LabError`."""
    for scenario in SCENARIOS:
        if scenario.name == name:
            return scenario
    raise LabError(f"no scenario is called {name!r}: python -m tests.lab --list")
