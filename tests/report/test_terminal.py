"""The text report: what a paged engineer reads and pastes."""

from __future__ import annotations

import pytest

from sessiondoctor.model import Because, Candidate
from sessiondoctor.report import Style, render
from sessiondoctor.report.wording import strength
from tests.fakes.reports import a_diagnosis, a_report

COMMAND = "sessiondoctor check secrets-differ signature-rejected -t 'a folder of shops/sessiondoctor.yaml'"


def test_the_command_is_never_wrapped() -> None:
    """It is pasted."""
    report = a_report(diagnosis=(a_diagnosis("signing-secret-mismatch", verify=COMMAND),))
    lines = render(report, "text", Style(width=40)).splitlines()
    assert f"  {COMMAND}" in lines
    assert max(len(line) for line in lines if COMMAND not in line) <= 40


def test_other_causes_have_their_titles() -> None:
    """An id alone says little."""
    other = Candidate("secret-regenerated-at-boot", 0.04, "Nodes generate a new signing secret at start-up")
    report = a_report(diagnosis=(a_diagnosis("signing-secret-mismatch"),), differential=(other,))
    text = " ".join(render(report, "text", Style(width=100)).split())
    assert "Nodes generate a new signing secret at start-up (secret-regenerated-at-boot, 4 %)" in text


@pytest.mark.parametrize(("bits", "word"), [(0.1, "weak"), (1.5, "fair"), (4.0, "strong"), (9.0, "strong")])
def test_how_much_a_finding_says_is_a_word(bits: float, word: str) -> None:
    """Nobody thinks in bits at night."""
    reason = Because("state-lost-on-move", "site", "a session was lost", bits)
    report = a_report(diagnosis=(a_diagnosis("lb-no-affinity", because=(reason,)),))
    assert strength(bits) == word
    for form in ("text", "markdown", "html"):
        shown = render(report, form, Style(width=100))
        assert f"{word})" in shown
        assert "bits" not in shown
