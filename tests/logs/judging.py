"""Judges a log alone, as `judge` does."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from functools import cache
from typing import TYPE_CHECKING

from sessiondoctor.catalogue.check_files import builtin
from sessiondoctor.catalogue.loader import Catalogue
from sessiondoctor.evidence.gathered import Gathered, Piece
from sessiondoctor.evidence.logs import Log
from sessiondoctor.logs.finder import Finder
from sessiondoctor.pipeline.order import Order
from sessiondoctor.pipeline.scan import report
from sessiondoctor.redact import Redactor
from sessiondoctor.topology.model import bare

if TYPE_CHECKING:
    from sessiondoctor.model import Report
    from sessiondoctor.topology.model import Symptom


@cache
def catalogue() -> Catalogue:
    """Everything that comes with the package."""
    return Catalogue((builtin(),))


@cache
def finder() -> Finder:
    """All its signatures."""
    return Finder(tuple(catalogue().signatures.values()))


def judged(*logs: str, symptoms: tuple[Symptom, ...] = ()) -> Report:
    """The report over these logs and nothing else; each is of a node of its own."""
    redactor = Redactor()
    read = [
        finder().read([text.encode()], Log(f"app{n}", f"app{n}.log", named=True), redactor, 2026)
        for n, text in enumerate(logs, 1)
    ]
    topology = replace(bare("file://logs/"), symptoms=symptoms)
    pieces = tuple(Piece(Log, log.subject, log) for log in read)
    return report(Order(topology, catalogue(), ()), Gathered(pieces), redactor, datetime.now(UTC))
