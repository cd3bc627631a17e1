"""SARIF by the validator of its makers, with the rules of GitHub's code scanning."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from sessiondoctor.report import Style, render
from tests.report.test_formats import HOSTILE, report

SAMPLES = sorted((Path(__file__).parents[2] / "sample_reports").glob("*.sarif"))
PACKAGE = "@microsoft/sarif-multitool-linux@5.7.0"
pytestmark = [pytest.mark.thorough, pytest.mark.timeout(300)]


@pytest.fixture(scope="module")
def validator(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The program, from npm."""
    folder = tmp_path_factory.mktemp("sarif")
    (folder / "package.json").write_text('{"private": true}')
    subprocess.run(["npm", "install", "--no-audit", "--no-fund", "--loglevel=error", PACKAGE], cwd=folder, check=True)
    program = folder / "node_modules/@microsoft/sarif-multitool-linux/Sarif.Multitool"
    program.chmod(0o755)
    return program


def complaints(validator: Path, file: Path, out: Path) -> list[str]:
    """Errors and warnings of all rules, those of GitHub among them."""
    command = [str(validator), "validate", str(file), "--rule-kind", "Sarif;Ghas", "--level", "Error;Warning"]
    subprocess.run([*command, "--output", str(out)], check=True, capture_output=True, timeout=100)
    (run,) = json.loads(out.read_text(encoding="utf-8-sig"))["runs"]
    assert run["invocations"][0]["executionSuccessful"]
    return [f"{one['ruleId']}: {one['locations'][0]}" for one in run.get("results", [])]


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda path: path.stem)
def test_the_samples_are_right(sample: Path, validator: Path, tmp_path: Path) -> None:
    """No error, no warning."""
    assert complaints(validator, sample, tmp_path / "out.sarif") == []


def test_hostile_text_and_a_url_are_right(validator: Path, tmp_path: Path) -> None:
    """Whatever a report says."""
    file = tmp_path / "hostile.sarif"
    file.write_text(render(report(HOSTILE), "sarif", Style()), encoding="utf-8")
    assert complaints(validator, file, tmp_path / "out.sarif") == []


def test_the_validator_complains(validator: Path, tmp_path: Path) -> None:
    """Else the tests above would say nothing."""
    file = tmp_path / "wrong.sarif"
    document = json.loads(render(report("x"), "sarif", Style()))
    document["runs"][0]["results"][0]["ruleIndex"] = 99
    file.write_text(json.dumps(document))
    assert complaints(validator, file, tmp_path / "out.sarif")
