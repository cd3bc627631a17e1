"""What public reporters had as headers: the cause comes first, noise changes nothing, the cured twin is silent."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.configs.test_field import judged

REPORTS: dict[str, Any] = yaml.safe_load((Path(__file__).parent / "field.yaml").read_text(encoding="utf-8"))
OTHERS = """> GET /static/app.js HTTP/1.1
> Host: cdn.example.net
>
< HTTP/1.1 200 OK
< Content-Type: text/javascript
< Cache-Control: public, max-age=3600
<
"""


def filled(texts: list[str]) -> list[str]:
    """The texts, with as many characters where `<4088>` stands for them."""
    return [re.sub(r"<([0-9]{3,5})>", lambda found: "x" * int(found[1]), text) for text in texts]


@pytest.mark.parametrize("told", REPORTS.values(), ids=REPORTS)
def test_the_right_cause_comes_first(told: dict[str, Any]) -> None:
    """With the symptom that the reporter has."""
    report = judged(filled(told["files"]), told["symptoms"])
    assert report.verdict == "fault-found"
    assert report.diagnosis[0].cause == told["cause"]


@pytest.mark.parametrize("told", REPORTS.values(), ids=REPORTS)
def test_other_responses_change_nothing(told: dict[str, Any]) -> None:
    """A capture of another host beside."""
    report = judged([*filled(told["files"]), OTHERS], told["symptoms"])
    assert report.diagnosis[0].cause == told["cause"]


@pytest.mark.parametrize("told", REPORTS.values(), ids=REPORTS)
def test_the_cured_twin_is_silent(told: dict[str, Any]) -> None:
    """The repair that the report ends with."""
    report = judged(filled(told["cured"]), told["symptoms"])
    assert told["cause"] not in [diagnosis.cause for diagnosis in report.diagnosis]


def test_a_policy_without_cookies_is_no_fault_where_nobody_complains() -> None:
    """It is what static files want."""
    report = judged(REPORTS["F39"]["files"], [])
    assert not report.diagnosis
    assert not report.advice
    assert not [finding for finding in report.findings if finding.status == "fail"]
