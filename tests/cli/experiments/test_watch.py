from __future__ import annotations

import json
import os
import random
import signal
import stat
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from sessiondoctor.demo.cluster import cluster
from sessiondoctor.experiments.watch import state

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.cli.conftest import Ended

NOWHERE = "http://127.0.0.1:1/"
NOTE = "import sys; open('told.json', 'a').write(sys.stdin.read())"


def test_a_plan_contacts_nobody(cli: Callable[..., Ended]) -> None:
    """What a round costs, and a scan."""
    done = cli("watch", NOWHERE, "--plan", "--every", "2m", "--scan-every", "30m", "--sessions", "3")
    assert done.code == 0, done.err
    assert "Each round, every 120 s: 3 sessions are read" in done.out
    assert "at least every 1800 s" in done.out
    assert "24  127.0.0.1:1\n" in done.out
    assert "Nothing was contacted" in done.out
    assert not Path("sessiondoctor-watch.json").exists()


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["--every", "5"], "--every 5: expected a duration"),
        (["--scan-every", "often"], "--scan-every often: expected a duration"),
        (["--metrics-listen", "9764"], "expected an address and a port"),
        (["--metrics-listen", "127.0.0.1:99999"], "expected an address and a port"),
        (["--metrics-listen", "192.0.2.1:9764"], "cannot listen"),
        (["--on-alert", "notify 'unclosed"], "--on-alert: "),
        (["--metrics-file", "none/metrics.prom"], "there is no folder none"),
        (["--state", "none/state.json"], "there is no folder none"),
    ],
)
def test_mistakes_of_the_command_line(cli: Callable[..., Ended], words: list[str], says: str) -> None:
    """One line each."""
    done = cli("watch", NOWHERE, "--once", *words)
    assert done.code == 2, done.out
    assert says in done.err
    assert len(done.err.splitlines()) == 1


def test_one_round_and_another(cli: Callable[..., Ended]) -> None:
    """Nothing happens to a healthy site; its state is the reader's own, its metrics are not."""
    with cluster("none") as running:
        words = ("watch", running.topology, "--once", "--metrics-file", "watch.prom", "--quiet")
        first = cli(*words)
        second = cli(*words)
    assert (first.code, first.out) == (0, ""), first
    assert second.code == 0
    assert all("session-moved" in line for line in second.out.splitlines())  # the demo binds nobody
    memory = state.read(Path("sessiondoctor-watch.json"), str(running.topology))
    assert (memory.rounds, len(memory.sessions)) == (2, 6)
    assert stat.S_IMODE(Path("sessiondoctor-watch.json").stat().st_mode) == 0o600
    assert stat.S_IMODE(Path("watch.prom").stat().st_mode) == 0o644
    metrics = Path("watch.prom").read_text()
    assert "sessiondoctor_rounds_total 2.0" in metrics
    for kept in memory.sessions:
        for cookie in kept.visitor.cookies:
            assert cookie.value not in metrics + first.out + second.out
    other = cli("watch", NOWHERE, "--once")
    assert other.code == 2
    assert f"is of {running.topology}, not of {NOWHERE}" in other.err


def test_rounds_have_a_beginning_and_an_end(cli: Callable[..., Ended]) -> None:
    """Between them only changes are shown, which may be none."""
    with cluster("none") as running:
        done = cli("watch", running.topology, "--rounds", "2", "--every", "1s")
    begun, *_, ended = done.err.splitlines()
    assert begun.endswith("every 1 s; only changes are shown; Ctrl-C ends it")
    assert "ended after 2 rounds, 2 with those before" in ended


def test_a_fault(cli: Callable[..., Ended]) -> None:
    """Is a line, exit code 1 and an alert."""
    with cluster("node-local-store") as running:
        words = ("watch", running.topology, "--rounds", "2", "--every", "1s", "--json", "--quiet")
        done = cli(*words, "--on-alert", f'{sys.executable} -c "{NOTE}"')
    assert done.code == 1
    changes = [json.loads(line) for line in done.out.splitlines()]
    assert "node-local-store" in {one["subject"] for one in changes if one["kind"] == "cause-new"}, changes
    assert [one["text"] for one in changes if one["kind"] == "session-lost"]
    alert = json.loads(Path("told.json").read_text().splitlines()[0])
    assert alert["state"] == "firing"
    assert [one["cause"] for one in alert["causes"]] == ["node-local-store"]


def test_a_site_that_does_not_answer(cli: Callable[..., Ended]) -> None:
    """The watch goes on, and says so once; that is no pass."""
    done = cli("watch", NOWHERE, "--rounds", "2", "--every", "1s", "--quiet", "--metrics-file", "watch.prom")
    assert done.code == 3, done.out
    assert [line.split()[3] for line in done.out.splitlines() if "could-not-look" in line] == ["site", "the"]
    metrics = Path("watch.prom").read_text()
    assert 'sessiondoctor_failed_looks_total{subject="site"} 2.0' in metrics
    assert "\nsessiondoctor_last_success_timestamp_seconds " not in metrics


def test_a_command_that_fails_is_counted(cli: Callable[..., Ended]) -> None:
    """And is no end."""
    with cluster("node-local-store") as running:
        done = cli("watch", running.topology, "--once", "--on-alert", "false", "--metrics-file", "watch.prom")
    assert "the command of --on-alert ended with exit code 1" in done.err
    assert "sessiondoctor_alert_failures_total 1.0" in Path("watch.prom").read_text()


def begun(topology: Path, folder: Path) -> subprocess.Popen[bytes]:
    """A watch of one round a second, in a process of its own."""
    command = [
        sys.executable,
        "-m",
        "sessiondoctor",
        "watch",
        str(topology),
        "--every",
        "1s",
        "--metrics-file",
        "m.prom",
    ]
    return subprocess.Popen(command, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)


def awaited(file: Path) -> None:
    """Until a file is there."""
    until = time.monotonic() + 60
    while not file.exists():
        assert time.monotonic() < until
        time.sleep(0.05)


@pytest.mark.skipif(sys.platform == "win32", reason="it has no such signals")
def test_it_survives_being_killed(tmp_path: Path) -> None:
    """At any moment: the state is whole, and the next run goes on with it; a signal ends it with a summary."""
    chance, file = random.Random(11), tmp_path / "sessiondoctor-watch.json"
    with cluster("none") as running:
        for _ in range(5):
            process = begun(running.topology, tmp_path)
            awaited(file)
            time.sleep(chance.uniform(0.5, 3.0))
            os.kill(process.pid, signal.SIGKILL)
            process.communicate()
            before = state.read(file, str(running.topology))
            assert before.rounds >= 1
        process = begun(running.topology, tmp_path)
        until = time.monotonic() + 60
        while state.read(file, str(running.topology)).rounds <= before.rounds:
            assert time.monotonic() < until
            time.sleep(0.05)
        process.send_signal(signal.SIGTERM)
        _, said = process.communicate(timeout=30)
    assert process.returncode == 143, said
    assert b"sessiondoctor: ended after " in said
    assert b"0 of them lost" in said
    after = state.read(file, str(running.topology))
    assert after.rounds > before.rounds
    assert not [stray for stray in tmp_path.iterdir() if stray.name not in {file.name, "m.prom"}]
