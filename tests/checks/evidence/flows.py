"""Evidence for checks of flows."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from sessiondoctor.evidence.flows.rehearsal import Rehearsal, RehearsedStep, Run
from sessiondoctor.evidence.nodes.same_node import SameNode, Tried
from sessiondoctor.evidence.nodes.step_tests import StepTest, StepTests
from tests.checks.build import trace

STEP = RehearsedStep("login", "POST /login", status=403, trouble="status 403")
REFUSED = StepTest("app1", "app2", "POST /login", "refused", 403, "CSRF token missing")
KNOWN = SameNode({"app1": ("kept",) * 5}, (Tried("kept"),) * 5, "app1", "kept", "kept", "kept")
TORN = SameNode({"app1": ("kept", "lost", "kept")}, (Tried("lost", "kept"),), "app1", "kept", "lost", "kept")
BOUND = trace(" ".join(["app1"] * 16), "k" * 16)
ALSO_BOUND = trace(" ".join(["app2"] * 16), "k" * 16)
"""Clients that their nodes kept."""


def steps(*states: Any) -> StepTests:
    """Tests from app1 to app2 that ended so."""
    return StepTests(("app1",), tuple(replace(REFUSED, state=state) for state in states))


def rehearsed(
    *, site: bool | None = None, dropped: tuple[str, ...] = (), status: int = STEP.status, **ways: bool
) -> Rehearsal:
    """Runs through the site and in other ways, and whether each works."""
    taken: Any = {"site": site, **ways}
    runs: list[Any] = [
        Run(way, (replace(STEP, dropped=dropped, status=status, trouble="" if works else STEP.trouble),), works, node="app1" * (way == "node"))
        for way, works in taken.items()
        if works is not None
    ]  # fmt: skip
    return Rehearsal(declared=True, runs=tuple(runs))


def handed_out(*at_the_site: str) -> Rehearsal:
    """A flow that works on one node, which sets two cookies, and fails at the site, which sets these."""
    usual, direct = rehearsed(site=False, node=True).runs
    step, own = usual.steps[0], direct.steps[0]
    site = replace(usual, steps=(replace(step, set_cookies=at_the_site),))
    node = replace(direct, steps=(replace(own, set_cookies=("sid", "visitor")),))
    return Rehearsal(declared=True, runs=(site, node))
