"""An earlier JSON report as the state of things that is known and accepted."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


@dataclass(frozen=True, slots=True)
class Baseline:
    """What was there already: stated causes, and fingerprints of failed findings.

    Findings in error or without an answer cannot be accepted: they are not known. `report` is the file that says so.
    """

    causes: frozenset[str]
    fingerprints: frozenset[str]
    report: str = ""


def nothing() -> Baseline:
    """The baseline of those who have none."""
    return Baseline(frozenset(), frozenset())


def read_baseline(path: Path) -> Baseline:
    """Reads a report written by `-f json`.

    Raises:
        UsageError: it is no such report.
    """
    from sessiondoctor.model import Status
    from sessiondoctor.report.reader import read_report

    report = read_report(path)
    return Baseline(
        causes=frozenset(diagnosis.cause for diagnosis in report.diagnosis),
        fingerprints=frozenset(f.fingerprint for f in report.findings if f.status is Status.FAIL),
        report=str(path),
    )
