"""Kills while a report is written, and signals at random moments; so many as `MOMENTS` says, a hundred by default."""

from __future__ import annotations

import json
import os
import random
import signal
import socket
import statistics
import subprocess
import sys
import threading
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

from sessiondoctor.cli.documents.files import replace
from tests.cli.test_signals import CODES, endless_log, start

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

MOMENTS = int(os.environ.get("MOMENTS", "100"))
LATEST_S = 4.0
KILLER = """
import os, random, signal, sys, time
from pathlib import Path
from sessiondoctor.cli.documents.files import replace
file, count = Path(sys.argv[1]), int(sys.argv[2])
torn = 0
for number in range(count):
    child = os.fork()
    if not child:
        while True:
            replace(file, b"%d" % (number % 10) * 300_000)
    time.sleep(random.uniform(0.0, 0.02))
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    content = file.read_bytes() if file.exists() else b""
    torn += len(content) not in {0, 300_000} or len(set(content)) > 1
print(torn, file.exists())
"""
pytestmark = pytest.mark.thorough


def test_kills_while_a_report_is_written(tmp_path: Path) -> None:
    """The file is always a whole one, and the next run leaves nothing beside it."""
    file = tmp_path / "r.json"
    command = [sys.executable, "-c", KILLER, str(file), str(10 * MOMENTS)]
    ended = subprocess.run(command, check=True, capture_output=True, text=True, timeout=600)
    assert ended.stdout.split() == ["0", "True"]
    replace(file, b"the next")
    assert [one.name for one in tmp_path.iterdir()] == ["r.json"]


@contextmanager
def a_target(folder: Path, command: str) -> Iterator[str]:
    """What never comes to an end: a site that does not answer, or a log that goes on."""
    if command == "scan":
        with socket.create_server(("127.0.0.1", 0), backlog=500) as site:
            yield f"http://127.0.0.1:{site.getsockname()[1]}/"
        return
    pipe = folder / "access.log"
    os.mkfifo(pipe)
    threading.Thread(target=endless_log, args=(pipe, threading.Event()), daemon=True).start()
    yield str(pipe)
    pipe.unlink()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
@pytest.mark.parametrize("command", ["scan", "judge", "logs"])
def test_signals_at_random_moments(tmp_path: Path, command: str, number: signal.Signals) -> None:
    """The code, no traceback; a report that was begun is valid and says that it is not all; nothing beside it."""
    took: list[float] = []
    reports = 0
    file = tmp_path / "out" / "r.json"
    file.parent.mkdir()
    with a_target(tmp_path, command) as target:
        for _ in range(MOMENTS):
            with start(command, target, "-f", f"json={file}") as run:
                time.sleep(random.uniform(0.3, LATEST_S))
                sent = time.monotonic()
                run.send_signal(number)
                _, err = run.communicate(timeout=60)
                took.append(time.monotonic() - sent)
            if run.returncode != CODES[number]:  # it hit Python itself, before the program began
                assert "/sessiondoctor/" not in err
                continue
            assert "Traceback" not in err
            if file.exists():
                report = json.loads(file.read_text())
                assert (report["complete"], report["exit_code"]) == (False, CODES[number])
                file.unlink()
                reports += 1
            assert list(file.parent.iterdir()) == []
    figures = f"{command}, {number.name}: {reports} reports of {MOMENTS}; median {statistics.median(took):.3f} s"
    sys.stdout.write(f"\n{figures}, slowest {max(took):.3f} s\n")  # shown by -s
