"""What is said first of files that were judged alone."""

from __future__ import annotations

import pytest

from sessiondoctor.diagnosis.summing_up import HEADLINES
from sessiondoctor.evidence.configs.files import ConfigFile, Configs
from sessiondoctor.evidence.gathered import Gathered, Piece
from sessiondoctor.evidence.logs import Log
from sessiondoctor.model import Confidence, Finding, Outcome, Severity, Status
from sessiondoctor.outcome.files_alone import said_of_files
from tests.fakes.reports import a_report

UNTOLD = HEADLINES[Outcome.NOT_ENOUGH_ACCESS]
LOG = Piece(Log, "app.log", Log("app.log", "app.log", lines=1))
READ = Piece(Configs, "site", Configs((ConfigFile("nginx.conf", "nginx.conf", "nginx"),)))
UNREAD = Piece(Configs, "site", Configs((ConfigFile("notes.txt", "notes.txt", note="its content is not recognised"),)))
FAULT = Finding("c", "edge", Status.FAIL, Severity.LOW, Confidence.FIRM, "site", "it fails", {}, "", None, "f1")


@pytest.mark.parametrize(
    ("pieces", "files", "headline"),
    [
        ((LOG,), ["app.log"], "Nothing in app.log shows a lost session"),
        ((LOG,), ["-"], "Nothing in standard input shows a lost session"),
        ((READ,), ["nginx.conf"], "Nothing in nginx.conf shows a lost session"),
        ((LOG, UNREAD), ["app.log", "notes.txt"], "Nothing in app.log shows a lost session"),
        ((LOG,), list("abcd"), "Nothing in 4 files shows a lost session"),
        ((UNREAD,), ["notes.txt"], UNTOLD),
    ],
)
def test_only_what_was_understood_shows_nothing(pieces: tuple[Piece, ...], files: list[str], headline: str) -> None:
    """A file of unknown content is never said to be clean."""
    assert said_of_files(a_report(headline=UNTOLD), Gathered(pieces), files).headline == headline


def test_faults_are_counted() -> None:
    """They are no loss, and no all-clear."""
    for count, told in ((1, "it fails"), (2, "2 faults")):
        found = a_report(headline=UNTOLD, findings=(FAULT,) * count)
        said = said_of_files(found, Gathered((READ,)), ["nginx.conf"])
        assert said.headline == f"nginx.conf: {told}; no lost session is shown"


def test_who_gave_a_line_hears_what_else_to_give() -> None:
    """And how much was read."""
    (line,) = said_of_files(a_report(headline=UNTOLD), Gathered((LOG,)), ["app.log"]).limits
    assert line.startswith("1 line of logs: no known message of a lost session.")


def test_an_answer_stays() -> None:
    """A cause that was found, or why nothing could be."""
    found = a_report(headline="Fault found: x")
    assert said_of_files(found, Gathered((LOG,)), ["app.log"]) is found
