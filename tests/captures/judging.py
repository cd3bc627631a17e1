"""Judges a capture alone, as `judge` does."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import cache
from typing import TYPE_CHECKING

from sessiondoctor.captures.visits import visits_of
from sessiondoctor.catalogue.check_files import builtin
from sessiondoctor.catalogue.loader import Catalogue
from sessiondoctor.evidence.entry.visits import Visits
from sessiondoctor.evidence.gathered import Gathered, Piece
from sessiondoctor.pipeline.order import Order
from sessiondoctor.pipeline.scan import report
from sessiondoctor.redact import Redactor
from sessiondoctor.topology.model import bare

if TYPE_CHECKING:
    from sessiondoctor.captures.recorded import Recorded
    from sessiondoctor.model import Report


@cache
def catalogue() -> Catalogue:
    """Everything that comes with the package."""
    return Catalogue((builtin(),))


def judged(exchanges: tuple[Recorded, ...]) -> Report:
    """The report over these exchanges and nothing else."""
    redactor, topology = Redactor(), bare("https://files.invalid/")
    visits = visits_of(exchanges, topology, redactor)
    checks = tuple(check for check in catalogue().checks.values() if any(n.evidence is Visits for n in check.needs))
    piece = Piece(Visits, "site", visits, unavailable="" if visits else "no cookie was set")
    return report(Order(topology, catalogue(), checks), Gathered((piece,)), redactor, datetime.now(UTC))


def failed(found: Report) -> set[str]:
    """The ids of the checks that failed."""
    return {finding.check for finding in found.findings if finding.status == "fail"}
