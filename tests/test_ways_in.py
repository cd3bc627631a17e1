"""The ways in: what the GitHub action, the hooks and the other recipes run, run here."""

from __future__ import annotations

import json
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from sessiondoctor.cli.app import COMMANDS

ROOT = Path(__file__).parents[1]
NGINX = "upstream app { server a:80; server b:80; }\nserver { location / { proxy_pass http://app; } }\n"
ONE = "upstream app { server a:80; }\nserver { location / { proxy_pass http://app; } }\n"
PATH = f"{Path(sys.executable).parent}:{os.environ['PATH']}"


def read(name: str) -> Any:
    """A file of YAML."""
    return yaml.safe_load((ROOT / name).read_text(encoding="utf-8"))


def step(name: str) -> str:
    """The script of one of the action's steps."""
    script: str = next(one["run"] for one in read("action.yml")["runs"]["steps"] if one.get("name") == name)
    return script


def run_action(folder: Path, arguments: str, **inputs: str) -> dict[str, str]:
    """The action's own step in a runner's environment; its outputs."""
    runner = {name: str(folder / name) for name in ("GITHUB_OUTPUT", "GITHUB_STEP_SUMMARY")}
    given = {"COMMAND": "lint", "ARGUMENTS": arguments, "FAIL_ON": "low", "BASELINE": "", **inputs}
    environment = {"PATH": PATH, "HOME": str(folder), "RUNNER_TEMP": str(folder), **runner, **given}
    command = ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", step("Run")]
    subprocess.run(command, cwd=folder, env=environment, check=True, capture_output=True, timeout=100)
    lines = (folder / "GITHUB_OUTPUT").read_text().splitlines()
    return dict(line.split("=", 1) for line in lines)


def test_the_action_reports_and_fails_at_its_end(tmp_path: Path) -> None:
    """First code scanning is shown what was found; then the step of the result fails."""
    (tmp_path / "nginx.conf").write_text(NGINX)
    outputs = run_action(tmp_path, "nginx.conf\n--symptom\nlogged-out-at-random\n")
    assert outputs["exit-code"] == "1"
    (run,) = json.loads(Path(outputs["sarif"]).read_text())["runs"]
    assert run["results"]
    assert {one["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] for one in run["results"]} == {
        "nginx.conf"
    }
    assert "# " in (tmp_path / "GITHUB_STEP_SUMMARY").read_text()
    done = subprocess.run(["bash", "-c", step("Result")], env={"CODE": outputs["exit-code"]}, check=False)
    assert done.returncode == 1


def test_the_action_runs_nothing_of_its_inputs(tmp_path: Path) -> None:
    """A branch's name may end up there."""
    outputs = run_action(tmp_path, "$(touch made)\n`touch made`\n; touch made\n", BASELINE="$(touch made)")
    assert outputs["exit-code"] == "2"
    assert "sarif" not in outputs
    assert not (tmp_path / "made").exists()


def test_an_expression_never_stands_in_a_script() -> None:
    """GitHub would paste its value into the program."""
    for name in ("action.yml", ".github/workflows/release.yml"):
        document = read(name)
        jobs = document.get("jobs") or {"action": document["runs"]}
        scripts = [one.get("run", "") for job in jobs.values() for one in job["steps"]]
        assert not [script for script in scripts if "${{" in script]


def test_the_release_has_no_rights_it_does_not_name() -> None:
    """And publishes nothing that was not attested."""
    workflow = read(".github/workflows/release.yml")
    assert workflow["permissions"] == {}
    assert workflow[True] == {"push": {"tags": ["v*"]}}
    uses = [one.get("uses", "").split("@")[0] for one in workflow["jobs"]["build"]["steps"]]
    assert {"actions/attest-build-provenance", "actions/attest-sbom"} <= set(uses)
    assert workflow["jobs"]["publish"]["needs"] == workflow["jobs"]["image"]["needs"] == "build"


@pytest.mark.parametrize(("content", "code"), [(NGINX, 1), (ONE, 0)])
def test_the_hook_lints_what_it_is_handed(tmp_path: Path, content: str, code: int) -> None:
    """Files one after the other, as pre-commit does."""
    hook = next(one for one in read(".pre-commit-hooks.yaml") if one["id"] == "sessiondoctor-lint")
    (tmp_path / "nginx.conf").write_text(content)
    command = [*shlex.split(hook["entry"]), "--fail-on", "high", "--symptom", "logged-out-at-random", "nginx.conf"]
    done = subprocess.run(command, cwd=tmp_path, env={"PATH": PATH}, check=False, capture_output=True, timeout=60)
    assert (done.returncode, bool(done.stdout)) == (code, code == 1)
    for name in ("deploy/nginx.conf", "k8s/ingress.yaml", "Caddyfile", "docker-compose.yml", "shop/settings/base.py"):
        assert re.search(hook["files"], name)
    assert not re.search(hook["files"], "README.md")


def test_the_hook_of_the_topology_contacts_nobody(tmp_path: Path) -> None:
    """It reads the file and says what a scan would do; a mistake has its line."""
    hook = next(one for one in read(".pre-commit-hooks.yaml") if one["id"] == "sessiondoctor-topology")
    file = tmp_path / "sessiondoctor.yaml"
    for text, code in (("version: 1\nsite: {url: 'http://127.0.0.1:9/'}\n", 0), ("version: 1\nsite: {urk: x}\n", 2)):
        file.write_text(text)
        command = [*shlex.split(hook["entry"]), file.name]
        done = subprocess.run(command, cwd=tmp_path, env={"PATH": PATH}, check=False, capture_output=True, timeout=60)
        assert done.returncode == code
    assert b"sessiondoctor.yaml:2" in done.stderr


def test_the_gitlab_job_shows_junit(tmp_path: Path) -> None:
    """Its script, without the installing, in a shell as the runner's."""
    job = read("ci/gitlab.yml")["sessiondoctor"]
    (tmp_path / "nginx.conf").write_text(NGINX)
    script = job["script"][-1]
    words = {name: str(value) for name, value in read("ci/gitlab.yml")["variables"].items()}
    done = subprocess.run(
        ["sh", "-c", script], cwd=tmp_path, env={"PATH": PATH, **words}, check=False, capture_output=True, timeout=100
    )
    assert done.returncode in {0, 1}, done.stderr
    assert (tmp_path / job["artifacts"]["reports"]["junit"]).read_text().startswith("<?xml")
    assert all((tmp_path / name).exists() for name in job["artifacts"]["paths"])


def test_the_container_is_nobody() -> None:
    """Not root, nothing of the build left, and what it copies is what the package needs."""
    lines = (ROOT / "Containerfile").read_text().splitlines()
    last = lines[max(n for n, line in enumerate(lines) if line.startswith("FROM ")) :]
    assert "USER 65532:65532" in last
    assert not [line for line in last if line.startswith("RUN ")]
    extras = re.search(r"/src\[([a-z,]+)\]", "\n".join(lines))
    assert extras
    import tomllib

    known = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["optional-dependencies"]
    assert set(extras[1].split(",")) <= set(known)


def test_the_manual_page_has_every_command() -> None:
    """As it is made; the one that is kept may lag behind, but names no command that there is not.

    Renew it by `python man/page.py > man/sessiondoctor.1`.
    """
    command = [sys.executable, str(ROOT / "man" / "page.py")]
    made = subprocess.run(command, check=True, capture_output=True, text=True, timeout=60).stdout
    assert commands_in(made) == [*COMMANDS]
    kept = commands_in((ROOT / "man" / "sessiondoctor.1").read_text(encoding="utf-8"))
    assert len(kept) > 10
    assert set(kept) <= set(COMMANDS)


def commands_in(page: str) -> list[str]:
    """Those that have a section."""
    return re.findall(r"^\.SS (.*)$", page, re.MULTILINE)
