"""`sessiondoctor lint`: lines, SARIF as code scanning takes it, and the hook for pre-commit."""

from __future__ import annotations

import json
import re
import shlex
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import yaml

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.cli.conftest import Ended

ROOT = Path(__file__).parents[2]
INGRESS = "metadata:\n  annotations:\n    nginx.ingress.kubernetes.io/afinity: cookie\n"
APACHE = """\
ProxyPass / balancer://app/ stickysession=jsessionid
<Proxy balancer://app>
BalancerMember http://a route=x
BalancerMember http://b route=x
</Proxy>
"""
LEVELS = {"error", "warning", "note"}


@pytest.fixture
def site(tmp_path: Path) -> Path:
    """A folder with a fault in each of two files, and one that nobody knows."""
    folder = tmp_path / "deploy"
    (folder / "edge").mkdir(parents=True)
    (folder / "ingress.yaml").write_text(INGRESS)
    (folder / "edge" / "httpd.conf").write_text(APACHE)
    (folder / "notes.txt").write_text("hello world")
    return folder


def sarif(cli: Callable[..., Ended], *words: str) -> dict[str, Any]:
    """The one run of the document."""
    (run,) = json.loads(cli("lint", *words, "-f", "sarif").out)["runs"]
    assert isinstance(run, dict)
    return run


def test_one_line_a_finding(cli: Callable[..., Ended], site: Path) -> None:
    """File, line, column, severity, check, words; in the order of the files."""
    done = cli("lint", site.name)
    assert done.code == 1
    lines = done.out.splitlines()
    assert all(re.fullmatch(r"deploy/[\w./]+:\d+:\d+: (critical|high|medium|low) [a-z-]+ \S.*", line) for line in lines)
    assert lines == sorted(lines, key=lambda line: line.split(":")[0])
    assert "deploy/ingress.yaml:3:5: high affinity-setting-ineffective" in done.out
    assert "notes.txt" in done.err


def test_every_result_points_at_a_line_of_a_given_file(cli: Callable[..., Ended], site: Path) -> None:
    """Code scanning drops what has no place in the checkout."""
    results = sarif(cli, site.name)["results"]
    assert len(results) > 1
    for result in results:
        (location,) = result["locations"]
        place = location["physicalLocation"]
        file = site.parent / place["artifactLocation"]["uri"]
        assert not place["artifactLocation"]["uri"].startswith(("/", "file:", ".."))
        assert 1 <= place["region"]["startLine"] <= len(file.read_text().splitlines())
        assert place["region"].get("startColumn", 1) >= 1
        assert result["message"]["text"]
        assert result["level"] in LEVELS
        assert result["partialFingerprints"]


def test_every_rule_says_what_it_is(cli: Callable[..., Ended], site: Path) -> None:
    """With texts of the length that code scanning shows, whatever the finding says."""
    run = sarif(cli, site.name)
    rules = run["tool"]["driver"]["rules"]
    assert len({rule["id"] for rule in rules}) == len(rules)
    for rule in rules:
        assert 0 < len(rule["shortDescription"]["text"]) <= 1024
        assert rule["fullDescription"]["text"]
        assert rule["help"]["text"]
        assert rule["help"]["markdown"]
        assert rule["defaultConfiguration"]["level"] in LEVELS
        assert 0 < float(rule["properties"]["security-severity"]) <= 10
    assert [rules[result["ruleIndex"]]["id"] for result in run["results"]] == [
        result["ruleId"] for result in run["results"]
    ]
    told = next(rule for rule in rules if rule["id"] == "affinity-setting-ineffective")
    assert told["shortDescription"]["text"] == "A setting for affinity is misspelt, or for another product."


def test_the_hook_runs_the_linter_on_the_files_of_a_commit(cli: Callable[..., Ended], site: Path) -> None:
    """As pre-commit calls it: its entry, and then the names."""
    hooks = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text())
    hook = next(hook for hook in hooks if hook["id"] == "sessiondoctor-lint")
    assert all(
        re.search(hook["files"], name) for name in ("edge/httpd.conf", "deploy/ingress.yaml", "docker-compose.yml")
    )
    program, *words = shlex.split(hook["entry"])
    assert (program, hook["language"]) == ("sessiondoctor", "python")
    files = [str(file.relative_to(site.parent)) for file in site.rglob("*") if file.is_file()]
    done = cli(*words, *hook.get("args", []), *files)
    assert done.code == 1
    assert "deploy/ingress.yaml:3:5" in done.out
    assert cli(*words, "deploy/notes.txt").code == 0


def test_files_that_nobody_knows_stop_no_commit(cli: Callable[..., Ended], site: Path) -> None:
    """They are named."""
    done = cli("lint", "deploy/notes.txt")
    assert (done.code, done.out) == (0, "")
    assert "not recognised" in done.err
    assert site.exists()


def test_a_folder_without_a_file_is_a_mistake(tmp_path: Path) -> None:
    """A pipeline with a wrong path does not stay green."""
    done = subprocess.run(
        [sys.executable, "-m", "sessiondoctor", "lint", str(tmp_path)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 2
    assert "no file to look at" in done.stderr
