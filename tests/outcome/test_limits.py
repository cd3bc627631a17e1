"""What limits a report, in words and in JSON."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from sessiondoctor.evidence.gathered import Gathered, Piece
from sessiondoctor.evidence.stores.census import Census
from sessiondoctor.outcome.limits import limits_of
from sessiondoctor.report import FORMATS, Style, render
from tests.fakes.reports import a_report

CUT = Census("sessions", 0, 1_000_000, 123_000, exact=False, groups=(), cut="time was up")
SAID = "sessions: 123,000 of 1,000,000 keys were counted, not all: time was up."


def test_a_count_that_was_cut() -> None:
    """How much was counted of how much, and why; a whole count and a sample say nothing."""
    whole = replace(CUT, cut="")
    assert limits_of(Gathered((Piece(Census, "sessions", CUT), Piece(Census, "sessions", whole)))) == (SAID,)
    assert limits_of(Gathered((Piece(Census, "sessions", unavailable="no answer"),))) == ()


def test_responses_that_slowed_the_scan_down() -> None:
    """Each peer once, with its statuses."""
    gathered = Gathered((), refusals={"shop.test:443 429": 11, "shop.test:443 503": 1, "api.test:80 503": 1})
    assert limits_of(gathered) == (
        "shop.test:443 refused 12 requests with 429 and 503, so the scan was slowed down; try a lower --rate.",
        "api.test:80 refused 1 request with 503, so the scan was slowed down; try a lower --rate.",
    )


@pytest.mark.parametrize("form", sorted({"text", "markdown", "html", "json"} & set(FORMATS)))
def test_it_stands_in_the_report(form: str) -> None:
    """For people and for programs."""
    written = render(replace(a_report(), limits=(SAID,)), form, Style(width=200, color=False, verbose=False))
    assert "123,000 of 1,000,000 keys" in written
    assert form != "json" or json.loads(written)["limits"] == [SAID]
