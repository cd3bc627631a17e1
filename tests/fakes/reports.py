"""Reports for tests of what reads and writes them."""

from __future__ import annotations

from typing import Any

from sessiondoctor.model import SCHEMA, Diagnosis, Outcome, Report, Severity, Solution, Tool


def a_diagnosis(cause: str, **changes: Any) -> Diagnosis:
    """A stated cause."""
    settings: dict[str, Any] = {
        "family": "store",
        "title": f"The title of {cause}",
        "severity": Severity.HIGH,
        "probability": 0.9,
        "where": ("app2",),
        "because": (),
        "against": (),
        "explains": (),
        "solution": Solution("Do it.", "any", ("First.",)),
        "verify": "sessiondoctor scan sessiondoctor.yaml",
    }
    return Diagnosis(cause=cause, **(settings | changes))


def a_report(**changes: Any) -> Report:
    """A report that states nothing."""
    settings: dict[str, Any] = {
        "schema": SCHEMA,
        "tool": Tool("sessiondoctor", "0"),
        "target": "sessiondoctor.yaml",
        "started_at": "2026-01-01T00:00:00+00:00",
        "duration_s": 1.0,
        "complete": True,
        "exit_code": 0,
        "verdict": Outcome.NO_FAULT_FOUND,
        "diagnosis": (),
        "differential": (),
        "advice": (),
        "findings": (),
        "next_steps": (),
    }
    return Report(**(settings | changes))
