"""Signals at any moment: the partial report, the code, nothing left behind."""

from __future__ import annotations

import itertools
import json
import os
import random
import signal
import socket
import subprocess
import sys
import threading
import time
from contextlib import suppress
from typing import TYPE_CHECKING

import pytest

from sessiondoctor.cli.signals import Held, Stopped, stop_behind, stopping

if TYPE_CHECKING:
    from pathlib import Path

CODES = {signal.SIGINT: 130, signal.SIGTERM: 143, signal.SIGHUP: 129}


def start(*words: object, **more: object) -> subprocess.Popen[str]:
    """The program, as a shell would start it."""
    command = [sys.executable, "-m", "sessiondoctor", *map(str, words)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, **more)  # type: ignore[call-overload,no-any-return]


@pytest.mark.parametrize("number", CODES)
@pytest.mark.parametrize("times", [1, 2])
def test_a_signal_gives_the_partial_report(tmp_path: Path, number: signal.Signals, times: int) -> None:
    """In every file that was asked for, however impatient somebody is; the report has the same code."""
    with socket.create_server(("127.0.0.1", 0)) as site:
        file = tmp_path / "r.json"
        with start("scan", f"http://127.0.0.1:{site.getsockname()[1]}/", "-f", f"json={file}", "-f", "text") as scan:
            site.settimeout(20)
            peer, _ = site.accept()
            with peer:
                for _ in range(times):
                    scan.send_signal(number)
                    time.sleep(0.01)
                out, err = scan.communicate(timeout=20)
    assert (scan.returncode, err) == (CODES[number], "")
    report = json.loads(file.read_text())
    assert (report["complete"], report["exit_code"]) == (False, CODES[number])
    assert "INCOMPLETE" in out
    assert list(tmp_path.iterdir()) == [file]


class _Interrupted:
    """Is told to stop while Python throws it away, when nothing that is raised gets through."""

    def __del__(self) -> None:
        signal.raise_signal(signal.SIGTERM)


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_a_signal_that_python_drops_is_remembered() -> None:
    """The work does not begin."""
    with stopping():
        _Interrupted()
        with pytest.raises(Stopped) as caught, Held():
            pytest.fail("it has begun")
    assert caught.value.code == CODES[signal.SIGTERM]


LINE = b'10.0.0.7 - - [30/Nov/2026:10:00:00 +0000] "GET / HTTP/1.1" 200 5 "-" "x" "sid=%032d" 10.0.1.%d:80\n'


def endless_log(pipe: Path, enough: threading.Event) -> None:
    """Writes lines to whoever reads, for ever; `enough` is set after eight MiB to one reader."""
    lines = b"".join(LINE % (number, number % 3) for number in range(1000))
    with suppress(OSError):
        while pipe.exists():
            with suppress(BrokenPipeError), pipe.open("wb") as stream:
                for written in itertools.count():
                    stream.write(lines)
                    if written * len(lines) > 8 << 20:
                        enough.set()


@pytest.mark.parametrize("number", CODES)
@pytest.mark.parametrize("command", ["logs", "logs --engine duckdb", "judge"])
def test_a_signal_ends_the_reading_of_files(tmp_path: Path, command: str, number: signal.Signals) -> None:
    """What was read until then is judged; the report says that it is not all."""
    pipe, file, enough = tmp_path / "access.log", tmp_path / "r.json", threading.Event()
    os.mkfifo(pipe)
    threading.Thread(target=endless_log, args=(pipe, enough), daemon=True).start()
    with start(*command.split(), pipe, "-f", f"json={file}") as reading:
        assert enough.wait(60)
        reading.send_signal(number)
        _, err = reading.communicate(timeout=20)
    pipe.unlink()
    assert (reading.returncode, err) == (CODES[number], "")
    report = json.loads(file.read_text())
    assert (report["complete"], report["exit_code"]) == (False, CODES[number])
    if command.startswith("logs"):
        assert report["logs"][0]["lines"] > 1000


@pytest.mark.parametrize("number", CODES)
def test_a_signal_while_the_program_starts(number: signal.Signals) -> None:
    """No traceback, no code of its own, at twenty moments of the first half second."""
    random.seed(int(number))
    for _ in range(6):
        with start("scan", "http://127.0.0.1:1/", "-f", "json") as scan:
            time.sleep(random.uniform(0.15, 0.5))
            scan.send_signal(number)
            out, err = scan.communicate(timeout=20)
        assert scan.returncode in {CODES[number], -int(number), 0, 1, 3}, err  # before or after all of it
        assert "Traceback" not in err or scan.returncode == -int(number) or "site.py" in err or "<frozen" in err
        if scan.returncode != -int(number) and out:
            json.loads(out)


def test_the_demo_leaves_nothing_behind(tmp_path: Path) -> None:
    """Neither its folder nor its key, stopped twice while it runs."""
    for number in (signal.SIGTERM, signal.SIGINT):
        environ = {"PATH": "/usr/bin:/bin", "TMPDIR": str(tmp_path), "HOME": str(tmp_path)}
        with start("demo", "--keep", "--fault", "none", env=environ) as demo:
            assert demo.stderr
            while "Ctrl-C stops it" not in demo.stderr.readline():
                assert demo.poll() is None
            assert [file.name[:19] for file in tmp_path.iterdir()] == ["sessiondoctor-demo-"]
            for _ in range(2):
                demo.send_signal(number)
                time.sleep(0.02)
            demo.communicate(timeout=20)
        assert demo.returncode in {0, CODES[number]}
        assert list(tmp_path.iterdir()) == []


def test_a_signal_while_a_class_is_made_is_a_signal() -> None:
    """Python 3.11 wraps it in a RuntimeError, which is no bug of ours."""

    class Interrupted:
        def __set_name__(self, owner: type, name: str) -> None:
            raise Stopped(15)

    found: BaseException | None = None
    try:
        type("Made", (), {"one": Interrupted()})
    except BaseException as error:  # noqa: BLE001 - what it is differs between versions of Python
        found = error
    assert found is not None
    stop = stop_behind(found)
    assert stop is not None
    assert stop.code == 143
    assert stop_behind(RuntimeError()) is None
