"""`diff`: two reports, two bundles."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from typer.testing import CliRunner

from sessiondoctor.cli.app import app
from sessiondoctor.errors import UsageError
from sessiondoctor.evidence.gathered import Gathered, Piece
from sessiondoctor.evidence.keys.key_rings import KeyRing, KeyRings, StoredKey
from sessiondoctor.model import Confidence, Finding, Severity, Status
from sessiondoctor.outcome.bundle import Bundle, pack
from sessiondoctor.report import Style, render
from tests.fakes.reports import a_report

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder we are in."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def run(*words: str) -> Any:
    """One command."""
    return CliRunner().invoke(app, words)


def report(folder: Path, name: str, log: str) -> None:
    """A JSON report over a log."""
    (folder / f"{name}.log").write_text(log)
    (folder / f"{name}.json").write_text(run("judge", f"{name}.log", "-f", "json").stdout)


def bundle(folder: Path, name: str, key: str, hour: int) -> None:
    """A bundle with one ring."""
    ring = KeyRing("app1", (StoredKey(key, 0.0, 0.0, 9e9, "nothing"),))
    pieces = (Piece(KeyRings, "site", KeyRings((ring,), 1.0)),)
    whole = Bundle(Gathered(pieces), "https://shop.test/", started_at=f"2024-01-02T{hour:02}:00:00+00:00")
    (folder / name).write_bytes(pack(whole))


def test_reports_show_what_is_new_and_gone(folder: Path) -> None:
    """By cause and by failed check; exit code 1 for a new cause."""
    report(folder, "old", "ERR max number of clients reached\n")
    report(folder, "new", "OOM command not allowed when used memory > 'maxmemory'.\n")
    done = run("diff", "old.json", "new.json", "-f", "json")
    found = json.loads(done.stdout)
    assert ([one["id"] for one in found["new"]], [one["id"] for one in found["gone"]]) == (
        ["redis-oom"],
        ["store-connection-exhaustion"],
    )
    assert done.exit_code == 1
    assert run("diff", "old.json", "new.json", "--fail-on", "never").exit_code == 0


def test_a_report_and_itself_differ_in_nothing(folder: Path) -> None:
    """Its cause is as before; the exit code is about what is new."""
    report(folder, "old", "ERR max number of clients reached\n")
    done = run("diff", "old.json", "old.json")
    assert done.exit_code == 0
    assert "As before" in done.stdout
    assert "nothing has changed" in done.stdout


def test_a_new_loss_that_no_cause_accounts_for_counts(folder: Path) -> None:
    """A session that was left and is gone is worse than before, whatever its cause."""
    before = a_report()
    lost = Finding(
        "left-session-lost", "site", Status.FAIL, Severity.HIGH, Confidence.FIRM, "", "it is gone", {}, "", None, "f1"
    )
    after = a_report(findings=(lost,), counts=("f1",))
    for name, one in (("old", before), ("new", after), ("calm", a_report(findings=(lost,)))):
        (folder / f"{name}.json").write_text(render(one, "json", Style()))
    done = run("diff", "old.json", "new.json")
    assert "left-session-lost" in done.stdout
    assert done.exit_code == 1
    assert run("diff", "new.json", "new.json").exit_code == 0
    assert run("diff", "old.json", "calm.json").exit_code == 0
    assert run("diff", "old.json", "new.json", "--fail-on", "critical").exit_code == 0
    assert run("diff", "old.json", "new.json", "--fail-on", "never").exit_code == 0


def test_bundles_show_what_did_not_survive(folder: Path) -> None:
    """A ring that was not kept over the restart."""
    bundle(folder, "old.zip", "0c819c80-6619-4019-9536-53f8aaffee57", 3)
    bundle(folder, "new.zip", "1c819c80-6619-4019-9536-53f8aaffee57", 4)
    done = run("diff", "old.zip", "new.zip")
    assert "dp-keyring-ephemeral" in done.stdout
    assert done.exit_code == 1
    assert run("diff", "old.zip", "old.zip").exit_code == 0


def test_what_is_neither_is_refused(folder: Path) -> None:
    """With the file's name."""
    (folder / "x").write_text("hello")
    done = run("diff", "x", "x")
    assert isinstance(done.exception, UsageError)
    assert "x: not a report" in str(done.exception)
