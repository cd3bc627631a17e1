from __future__ import annotations

import asyncio
import json
import sys
import time
from typing import TYPE_CHECKING

from sessiondoctor.experiments.watch import alert, causes
from sessiondoctor.experiments.watch.memory import Memory
from sessiondoctor.experiments.watch.seen import Change
from sessiondoctor.model import Outcome, Severity
from tests.fakes.reports import a_diagnosis, a_report
from tests.fakes.watched import START

if TYPE_CHECKING:
    from pathlib import Path

LOST = Change("session-lost", "app1", "1 session of app1 lost", START)
FAULT = a_report(diagnosis=(a_diagnosis("clock-skew"),), verdict=Outcome.FAULT_FOUND, counts=("clock-skew",))
MINOR = a_report(diagnosis=(a_diagnosis("cookie-flags-weak", severity=Severity.LOW),), verdict=Outcome.FAULT_FOUND)


def test_a_fault_that_counts_fires_and_is_resolved() -> None:
    """With what is there and what has changed."""
    memory = Memory("shop")
    document = alert.document_of(memory, causes.compare(memory, FAULT, START), frozenset())
    assert document is not None
    assert (document["schema"], document["target"], document["state"]) == (alert.SCHEMA, "shop", "firing")
    assert [one["cause"] for one in document["causes"]] == ["clock-skew"]
    assert [one["kind"] for one in document["changes"]] == ["cause-new"]
    assert alert.document_of(memory, causes.compare(memory, FAULT, START + 1), frozenset({"clock-skew"})) is None
    document = alert.document_of(memory, causes.compare(memory, a_report(), START + 2), frozenset({"clock-skew"}))
    assert document is not None
    assert (document["state"], document["causes"]) == ("resolved", [])


def test_what_is_below_fail_on_fires_nothing() -> None:
    """Neither when it comes nor when it goes."""
    memory = Memory("shop")
    assert alert.document_of(memory, causes.compare(memory, MINOR, START), frozenset()) is None
    assert alert.document_of(memory, causes.compare(memory, a_report(), START + 1), frozenset()) is None


def test_a_lost_session_fires() -> None:
    """Whatever a scan may say of it."""
    document = alert.document_of(Memory("shop"), (LOST,), frozenset())
    assert document is not None
    assert document["state"] == "firing"
    assert alert.document_of(Memory("shop"), (LOST,), frozenset({"clock-skew"})) is None  # told when the cause was


def run(*words: object, seconds: float = 10.0) -> str:
    """Why the command failed."""
    return asyncio.run(alert.run([str(word) for word in words], {"target": "shop; rm -rf /"}, seconds))


def test_a_command_is_told(tmp_path: Path) -> None:
    """By its input; its words are words, whatever a shell would make of them."""
    file, code = tmp_path / "told.json", "import sys; open(sys.argv[1], 'w').write(sys.stdin.read() + sys.argv[2])"
    assert run(sys.executable, "-c", code, file, "$(id) `id` ; id") == ""
    told = file.read_text()
    assert json.loads(told.splitlines()[0]) == {"target": "shop; rm -rf /"}
    assert told.splitlines()[1] == "$(id) `id` ; id"


def test_a_command_that_fails_is_said(tmp_path: Path) -> None:
    """One that ends badly, is not there, or does not read."""
    assert run(sys.executable, "-c", "raise SystemExit(7)") == "ended with exit code 7"
    assert run(tmp_path / "none").startswith("cannot be started: ")
    assert run(sys.executable, "-c", "import sys; sys.stdin.close()") == ""


def test_a_command_that_does_not_end_is_ended(tmp_path: Path) -> None:
    """With what it has started."""
    file, begun = tmp_path / "late", time.monotonic()
    code = "import subprocess, sys; subprocess.run(['sh', '-c', 'sleep 3; echo > \"$0\"', sys.argv[1]])"
    assert run(sys.executable, "-c", code, file, seconds=1.0) == "did not end within 1 s"
    assert time.monotonic() - begun < 3
    time.sleep(3)
    assert not file.exists()
