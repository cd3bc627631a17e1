from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from typer.testing import CliRunner

from sessiondoctor.cli.app import app

if TYPE_CHECKING:
    from pathlib import Path

MISSPELT = "alb.ingress.kubernetes.io/target-group-attributes: stickness.enabled=true\n"
RIGHT = "alb.ingress.kubernetes.io/target-group-attributes: stickiness.enabled=true\n"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder we are in."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def run(*words: str, stdin: bytes = b"") -> Any:
    """One command; errors of ours are raised."""
    return CliRunner().invoke(app, words, input=stdin)


def report(*words: str) -> dict[str, Any]:
    """The JSON report of `judge`."""
    found: dict[str, Any] = json.loads(run("judge", *words, "-f", "json").stdout)
    return found


def test_a_fault_of_configuration_is_advice_with_its_line(folder: Path) -> None:
    """Nobody has seen a loss."""
    (folder / "a.yaml").write_text("# annotations\n" + MISSPELT)
    found = report("a.yaml")
    assert (found["verdict"], found["diagnosis"], found["exit_code"]) == ("not-enough-access", [], 1)
    assert found["advice"][0]["at"] == {"file": "a.yaml", "line": 2, "column": 1}


def test_with_a_symptom_it_is_a_diagnosis_with_the_line_as_evidence(folder: Path) -> None:
    """What users report is a failing observation."""
    (folder / "a.yaml").write_text(MISSPELT)
    found = report("a.yaml", "--symptom", "logged-out-at-random")
    assert found["verdict"] == "fault-found"
    assert found["diagnosis"][0]["cause"] == "sticky-directive-unsupported"
    assert found["diagnosis"][0]["because"][0]["at"]["file"] == "a.yaml"


def test_an_unknown_file_is_named_and_judges_nothing(folder: Path) -> None:
    """Neither an error nor a pass; and if nothing at all could be read, that is no all-clear."""
    (folder / "notes.txt").write_text("hello\n")
    found = report("notes.txt")
    (unread,) = [finding for finding in found["findings"] if finding["check"] == "file-not-recognised"]
    assert (unread["status"], unread["subject"], found["exit_code"]) == ("inconclusive", "notes.txt", 3)
    (folder / "a.yaml").write_text(RIGHT)
    assert report("notes.txt", "a.yaml")["exit_code"] == 0


def test_an_owner_a_folder_and_standard_input(folder: Path) -> None:
    """`NAME=FILE`, `DIR`, `-`."""
    (folder / "deploy").mkdir()
    (folder / "deploy" / "a.yaml").write_text(MISSPELT)
    assert report("edge=deploy/a.yaml")["advice"][0]["where"] == ["edge"]
    assert report("deploy")["advice"][0]["at"]["file"] == "deploy/a.yaml"
    found = run("judge", "-", "-f", "json", stdin=MISSPELT.encode())
    assert json.loads(found.stdout)["advice"][0]["at"]["file"] == "-"


def test_a_missing_file_and_an_unknown_format_are_mistakes(folder: Path) -> None:
    """Of usage: exit code 2."""
    (folder / "a.yaml").write_text(RIGHT)
    for words in (("judge", "nowhere.yaml"), ("judge", "a.yaml", "--as", "kubernets")):
        found = run(*words)
        assert type(found.exception).__name__ == "UsageError"
    assert "kubernetes" in str(run("judge", "a.yaml", "--as", "kubernets").exception)


def test_lint_prints_one_line_a_finding(folder: Path) -> None:
    """As linters do."""
    (folder / "a.yaml").write_text(MISSPELT)
    found = run("lint", "a.yaml")
    assert found.exit_code == 1
    assert found.stdout.startswith("a.yaml:1:1: high affinity-setting-ineffective stickness.enabled is no setting")
    assert run("lint", "a.yaml", "--fail-on", "never").exit_code == 0


def test_a_comment_switches_a_check_off(folder: Path) -> None:
    """On its own line and the next, for the checks it names."""
    (folder / "a.yaml").write_text("# sessiondoctor: ignore[affinity-setting-ineffective] a test\n" + MISSPELT)
    assert run("lint", "a.yaml").exit_code == 0
    (folder / "a.yaml").write_text("# sessiondoctor: ignore[client-moves]\n" + MISSPELT)
    assert run("lint", "a.yaml").exit_code == 1


def test_lint_has_all_formats(folder: Path) -> None:
    """SARIF points at the real line."""
    (folder / "a.yaml").write_text("\n\n" + MISSPELT)
    found = json.loads(run("lint", "a.yaml", "-f", "sarif").stdout)
    place = found["runs"][0]["results"][0]["locations"][0]["physicalLocation"]
    assert (place["artifactLocation"]["uri"], place["region"]["startLine"]) == ("a.yaml", 3)


def test_a_diagnosis_stands_at_the_line_of_its_evidence(folder: Path) -> None:
    """In code scanning and in annotations, whatever names the files were given."""
    (folder / "a.yaml").write_text("\n" + MISSPELT)
    words = ("judge", "edge=a.yaml", "--symptom", "logged-out-at-random", "-f")
    found = json.loads(run(*words, "sarif").stdout)
    first = found["runs"][0]["results"][0]
    place = first["locations"][0]["physicalLocation"]
    assert first["ruleId"] == "sticky-directive-unsupported"
    assert (place["artifactLocation"]["uri"], place["region"]) == ("a.yaml", {"startLine": 2, "startColumn": 1})
    assert "file=a.yaml,line=2,title=sticky-directive-unsupported" in run(*words, "github").stdout


def test_the_formats_are_listed() -> None:
    """From the readers themselves."""
    assert "kubernetes" in run("list", "formats").stdout
