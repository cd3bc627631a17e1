"""The laboratory itself: what it proves must be able to fail, and it must leave nothing behind."""

from __future__ import annotations

import re
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.lab import access, proofs
from tests.lab.errors import LabError
from tests.lab.ports import Ports
from tests.lab.process import Command, Program
from tests.lab.scenarios import SCENARIOS, everyday, named
from tests.lab.versions import versions
from tests.lab.workspace import Workspace


@dataclass(frozen=True, slots=True)
class Script:
    """A server that is a few lines of Python; ready when it has said so in its log."""

    code: str
    home: Path
    name: str = "script"

    def prepare(self, home: Path) -> Command:
        """Run the code."""
        assert home == self.home
        return Command((sys.executable, "-u", "-c", self.code), patience=5)

    def ready(self) -> bool:
        """Whether the log says ready."""
        return "ready" in (self.home / "script.log").read_text()


def test_a_missing_program_is_an_error_that_names_its_package() -> None:
    """Nothing is skipped because something is not installed."""
    with pytest.raises(LabError, match="apt-get install some-package"):
        Program("no-such-program", "some-package").path()


def test_a_server_that_ends_while_starting_shows_its_log() -> None:
    """The reason stands in the error message."""
    with Workspace() as workspace, pytest.raises(LabError, match="bad configuration"):
        workspace.start(Script("raise SystemExit('bad configuration')", workspace.directory / "script"))


def test_stopping_ends_the_children_too() -> None:
    """A child that ignores SIGTERM goes with its group, and the folder goes with the laboratory."""
    code = (
        "import os, signal, time\n"
        "if os.fork() == 0:\n"
        "    signal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
        "    print(f'child={os.getpid()}=ready')\n"
        "time.sleep(60)\n"
    )
    with Workspace() as workspace:
        home = workspace.directory / "script"
        workspace.start(Script(code, home))
        child = int((home / "script.log").read_text().split("=")[1])
    assert _gone(child)
    assert not workspace.directory.exists()


def test_two_laboratories_never_share_a_port() -> None:
    """A port is taken until it is released, even while nobody listens on it."""
    first, second = Ports(), Ports()
    taken = [ports.take() for ports in (first, second) for _ in range(50)]
    first.release()
    second.release()
    assert len(set(taken)) == 100


def test_every_version_is_known() -> None:
    """Figures without versions are nobody's."""
    told = versions()
    assert {"HAProxy", "Redis", "Spring Boot", "Tomcat"} <= told.keys()
    assert all(re.fullmatch(r"\d+(\.\d+)+", version) for version in told.values())


@pytest.mark.parametrize(
    ("name", "proof"),
    [("express-healthy", proofs.state_is_lost), ("express-signing-secret-mismatch", proofs.state_survives)],
)
def test_a_proof_can_fail(name: str, proof: proofs.Proof) -> None:
    """A naive user sees no loss where nothing is wrong, and sees one where something is."""
    with named(name).running() as (_, cluster), pytest.raises(AssertionError):
        proof(cluster)


def test_scenarios_are_told_apart() -> None:
    """Each has its own name and at least one proof."""
    assert len({scenario.name for scenario in SCENARIOS}) == len(SCENARIOS)
    assert all(scenario.proofs for scenario in SCENARIOS)


def test_what_the_url_alone_cannot_tell_is_a_cause_that_it_might_tell() -> None:
    """An exception that names no cause, or one of a family that counts as hidden anyway, would go unnoticed."""
    pages = {page.stem: page.parent.parent.name for page in access.CHECKS.glob("*/causes/*.md")}
    assert {pages[cause] for cause in access.HIDDEN_FROM_OUTSIDE} <= access.SEEN_FROM_OUTSIDE
    assert access.can_tell("lb-no-affinity", "url")
    assert not access.can_tell("lb-peers-not-shared", "url")
    assert not access.can_tell("redis-oom", "url")
    assert access.can_tell("redis-oom", "nodes")


def test_a_plain_run_starts_every_cause_and_every_healthy_cluster() -> None:
    """What is left out has a cause that another scenario shows."""
    kept = [scenario for scenario in SCENARIOS if scenario.name in everyday()]
    assert {scenario.cause for scenario in kept} == {scenario.cause for scenario in SCENARIOS}
    left_out = [one.name for one in SCENARIOS if one.cause is None and one not in kept]
    heavy = ["spring-hazelcast-advice-no-backup-copy", "wildfly-healthy"]
    assert left_out == heavy, "whole servers from Maven Central are left to thorough runs"


def _gone(process: int) -> bool:
    """Whether a process that is not our child ends within a moment; a zombie that nobody waits for has ended."""
    for _ in range(25):
        try:
            state = Path(f"/proc/{process}/stat").read_text().rsplit(")", 1)[1].split()[0]
        except FileNotFoundError:
            return True
        if state == "Z":
            return True
        time.sleep(0.01)
    return False
