"""Public reports: what the reporter had in hand names the cause and the line; the cured twin does not."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from sessiondoctor.artefacts.source import Source
from sessiondoctor.catalogue.check_files import builtin
from sessiondoctor.catalogue.loader import Catalogue
from sessiondoctor.pipeline.offline import judge_files
from sessiondoctor.pipeline.order import Order
from sessiondoctor.topology.model import Site, Topology

if TYPE_CHECKING:
    from sessiondoctor.model import Report

REPORTS: dict[str, Any] = yaml.safe_load((Path(__file__).parent / "field.yaml").read_text(encoding="utf-8"))
CATALOGUE = Catalogue((builtin(),))


def judged(files: list[str], symptoms: list[Any]) -> Report:
    """`judge FILE... --symptom ...`."""
    topology = Topology(site=Site(""), symptoms=tuple(symptoms))
    order = Order(topology, CATALOGUE, tuple(CATALOGUE.checks.values()), files=("files",))
    return judge_files(
        order, [Source(f"file{n}", f"file{n}", content=text.encode()) for n, text in enumerate(files, 1)]
    )


@pytest.mark.parametrize("name", REPORTS)
def test_the_cause_is_named_first_and_points_at_the_line(name: str) -> None:
    """With the symptom that the reporter has."""
    told = REPORTS[name]
    report = judged(told["files"], told["symptoms"])
    first = {diagnosis.cause: diagnosis for diagnosis in report.diagnosis[: told.get("among", 1)]}
    assert told["cause"] in first, report.diagnosis
    lines = [reason.at.line for reason in first[told["cause"]].because if reason.at]
    assert told["line"] in lines, lines


@pytest.mark.parametrize("name", REPORTS)
def test_the_cured_twin_does_not_name_it(name: str) -> None:
    """The repair that the report ends with."""
    told = REPORTS[name]
    report = judged(told["cured"], told["symptoms"])
    assert told["cause"] not in [diagnosis.cause for diagnosis in report.diagnosis]
