"""Public reports that nobody had tuned on: what the reporter pasted names what the thread found."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.configs.test_field import judged

REPORTS: dict[str, Any] = yaml.safe_load((Path(__file__).parent / "public.yaml").read_text(encoding="utf-8"))
TOLD = {name: told for name, told in REPORTS.items() if not told.get("open")}
CURED = {name: told for name, told in TOLD.items() if "cured" in told}


def expected(told: dict[str, Any]) -> set[str]:
    """What may stand first."""
    return {told["cause"], *told.get("or", ())}


@pytest.mark.parametrize("told", TOLD.values(), ids=TOLD)
def test_the_cause_comes_first(told: dict[str, Any]) -> None:
    """With the symptom that the reporter has, and at its line."""
    report = judged(told["files"], told["symptoms"])
    first = report.diagnosis[0]
    assert first.cause in expected(told)
    lines = [reason.at.line for reason in first.because if reason.at]
    assert told.get("line", lines[0] if lines else 0) in (lines or [0])


@pytest.mark.parametrize("told", CURED.values(), ids=CURED)
def test_the_cured_twin_does_not_name_it(told: dict[str, Any]) -> None:
    """The repair that the thread ends with."""
    report = judged(told["cured"], told["symptoms"])
    assert not expected(told) & {one.cause for one in report.diagnosis}


def test_every_report_has_its_source() -> None:
    """A public address, each once."""
    sources = [told["source"] for told in REPORTS.values()]
    assert len(set(sources)) == len(sources) >= 20
    assert all(source.startswith("https://github.com/") for source in sources)
