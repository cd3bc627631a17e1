"""What is measured of one hostile behaviour."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from sessiondoctor.errors import SessionDoctorError
from sessiondoctor.report.reader import read_report

DEADLINE_S = 3
HUNG_S = 60
_ROOT = Path(__file__).parents[3]

Stage = Callable[[Path], AbstractContextManager[list[str]]]
"""Opens whatever is hostile, in a folder of its own, and yields the words of the command line."""


@dataclass(frozen=True)
class Animal:
    """One behaviour; `room` is the table's line that it falls to."""

    room: str
    name: str
    stage: Stage
    reports: bool = True


@dataclass(frozen=True)
class Seen:
    """How one run ended: `late_s` is what it took beyond the deadline."""

    late_s: float
    peak_mb: float
    code: int
    fault: str


def still(*words: str) -> Stage:
    """Only words."""

    @contextmanager
    def stage(_folder: Path) -> Iterator[list[str]]:
        yield list(words)

    return stage


def meet(animal: Animal) -> Seen:
    """One run of the program in a process of its own."""
    with TemporaryDirectory(prefix="zoo-") as name:
        folder = Path(name)
        with animal.stage(folder) as words:
            return _run(animal, words, folder)


def _run(animal: Animal, words: list[str], folder: Path) -> Seen:
    report, out, err = folder / "zoo-report.json", folder / "zoo-out", folder / "zoo-err"
    more = ["-f", f"json={report}"] if animal.reports else []
    deadline = ["--deadline", str(DEADLINE_S)] if words[0] in {"scan", "check"} else []
    command = [sys.executable, "-m", "sessiondoctor", *words, *deadline, *more]
    environ = os.environ | {"PYTHONPATH": str(_ROOT)}
    began = time.monotonic()
    with out.open("wb") as stdout, err.open("wb") as stderr:
        process = subprocess.Popen(
            command, stdout=stdout, stderr=stderr, stdin=subprocess.DEVNULL, cwd=folder, env=environ
        )
        peak_mb = _watched(process, began + HUNG_S)
    took = time.monotonic() - began
    said = "".join(file.read_bytes()[:10_000_000].decode("utf-8", "replace") for file in (err, out))
    fault = _fault(process.returncode, said, report if animal.reports else None)
    return Seen(took - DEADLINE_S, peak_mb, process.returncode, fault)


def _watched(process: subprocess.Popen[bytes], until: float) -> float:
    """The peak of its memory, in MB; that of `wait4` would be no less than ours."""
    peak, status = 0.0, Path(f"/proc/{process.pid}/status")
    while process.poll() is None:
        if found := re.search(r"VmHWM:\s+(\d+) kB", status.read_text(encoding="ascii", errors="replace")):
            peak = int(found[1]) * 1024 / 1e6
        if time.monotonic() > until:
            process.kill()
        time.sleep(0.005)
    return peak


def _fault(code: int, said: str, report: Path | None) -> str:
    """What must not be; empty if all is well."""
    if code not in {0, 1, 2, 3}:
        return f"code {code}: {said[-300:]}"
    if "Traceback" in said or "is a bug" in said:
        return f"traceback: {said[-300:]}"
    if any((ord(letter) < 32 and letter not in "\n\t\r") or 0x7F <= ord(letter) < 0xA0 for letter in said):
        return "control characters"
    if code == 2 or report is None:
        return "" if said.strip() else "says nothing"
    try:
        read_report(report)
        findings = json.loads(report.read_text(encoding="utf-8"))["findings"]
    except (SessionDoctorError, ValueError) as error:
        return f"report: {error}"
    crashed = [str(one)[:300] for one in findings if one["status"] == "error"]
    return f"crashed: {crashed[0]}" if crashed else ""
