from __future__ import annotations

import asyncio
import os
import signal
import sys
import time
from typing import TYPE_CHECKING

import pytest

from sessiondoctor.experiments.drill import actions
from sessiondoctor.experiments.drill.actions import Action, Outage, Removal, done, put_back
from sessiondoctor.experiments.drill.guarded import Guarded
from tests.experiments.drill.runtime import Runtime, runtime

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def api() -> Iterator[Runtime]:
    """HAProxy with three servers."""
    with runtime() as running:
        yield running


def outage_of(api: Runtime) -> Outage:
    """app1, by HAProxy."""
    ways = (Removal("maint", (Action("set server app/app1 state maint", api.place),)),)
    return Outage("app1", ways, (Action("set server app/app1 state ready", api.place),), ((api.place, "app/app1"),))


def script(folder: Path, name: str, text: str) -> Action:
    """A declared command."""
    (folder / name).write_text(text)
    return Action(f"{sys.executable} {name}", folder=str(folder), node="app1", key="stop")


def test_a_command_is_run_without_a_shell(tmp_path: Path) -> None:
    """In the folder of the topology; what it says when it fails is told."""
    assert done((script(tmp_path, "one.py", "import sys; open('seen', 'w').write(repr(sys.argv[1:]))"),)) == ""
    words = Action(f"{sys.executable} one.py '$HOME; rm x' *", folder=str(tmp_path))
    assert done((words,)) == ""
    assert (tmp_path / "seen").read_text() == "['$HOME; rm x', '*']"
    failing = script(tmp_path, "two.py", "import sys; sys.exit('no such unit')")
    assert done((failing,)) == "nodes[].stop of app1 ended with status 1: no such unit"
    assert "cannot be run" in done((Action("/nowhere/at/all --password=hunter2", node="app1", key="stop"),))
    assert "hunter2" not in done((Action("/nowhere/at/all --password=hunter2", node="app1", key="stop"),))


def test_a_command_that_does_not_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is ended."""
    monkeypatch.setattr(actions, "COMMAND_S", 0.3)
    began = time.monotonic()
    assert "did not end" in done((script(tmp_path, "slow.py", "import time; time.sleep(60)"),))
    assert time.monotonic() - began < 10


def test_a_node_is_tried_to_be_put_back_until_it_is(api: Runtime) -> None:
    """And what is still wrong at the end is said."""
    api.admin["app1"] = 1
    assert put_back(outage_of(api)) == ""
    assert api.admin["app1"] == 0
    api.up["app1"] = False
    assert put_back(outage_of(api), 0.6) == "HAProxy says that app/app1 is not up"
    api.admin["app1"], api.deaf = 1, True
    assert put_back(outage_of(api), 0.6) == "HAProxy says that app/app1 is taken out"


def test_what_a_person_types() -> None:
    """To do the same."""
    unix = Action("set server app/app1 state ready", "unix:/run/haproxy.sock").by_hand
    assert unix == "echo 'set server app/app1 state ready' | socat stdio unix-connect:/run/haproxy.sock"
    assert Action("x", "tcp://10.0.0.5:9999").by_hand == "echo x | socat stdio tcp:10.0.0.5:9999"
    named = Action("set server app/$(id) state ready", "unix:/run/a b.sock").by_hand  # a server says what it is called
    assert named == "echo 'set server app/$(id) state ready' | socat stdio 'unix-connect:/run/a b.sock'"
    assert Action("systemctl start app", node="app1", key="start").by_hand == "run nodes[].start of app1"


def test_the_guard_does_and_undoes(api: Runtime) -> None:
    """Told by us; at the end nothing is left to do."""

    async def run() -> None:
        outage = outage_of(api)
        async with Guarded((outage,), 60) as guard:
            assert await guard.take_out(outage, "maint") == ""
            assert api.admin["app1"] == 1
            assert await guard.put_back(outage) == ""
            assert api.admin["app1"] == 0

    asyncio.run(run())
    assert [line.rpartition(" ")[2] for line in api.told] == ["maint", "ready"]


def test_the_guard_undoes_what_we_leave(api: Runtime) -> None:
    """As a crash of the drill does."""

    async def run() -> None:
        outage = outage_of(api)
        async with Guarded((outage,), 60) as guard:
            await guard.take_out(outage, "maint")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        asyncio.run(run())
    assert api.admin["app1"] == 0


def test_the_guard_ends_a_drill_that_hangs(api: Runtime) -> None:
    """Its time is limited."""

    async def run() -> None:
        outage = outage_of(api)
        async with Guarded((outage,), 1.0) as guard:
            await guard.take_out(outage, "maint")
            for _ in range(200):
                await asyncio.sleep(0.1 if api.admin["app1"] else 0)
            assert api.admin["app1"] == 0

    asyncio.run(run())


def test_the_guard_waits_while_no_node_is_out(api: Runtime) -> None:
    """To make sessions takes its time."""

    async def run() -> None:
        outage = outage_of(api)
        async with Guarded((outage,), 0.5) as guard:
            await asyncio.sleep(1.0)
            assert await guard.take_out(outage, "maint") == ""
            assert await guard.put_back(outage) == ""

    asyncio.run(run())
    assert [line.rpartition(" ")[2] for line in api.told] == ["maint", "ready"]


@pytest.mark.skipif(sys.platform == "win32", reason="there are no such signals")
def test_the_guard_is_deaf_to_signals(api: Runtime) -> None:
    """Those that end a drill do not end it; one that is killed is replaced by ourselves."""

    async def run() -> None:
        outage = outage_of(api)
        async with Guarded((outage,), 60) as guard:
            assert guard.pid
            for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
                os.kill(guard.pid, number)
            assert await guard.take_out(outage, "maint") == ""
            os.kill(guard.pid, signal.SIGKILL)
            assert await guard.put_back(outage) == ""

    asyncio.run(run())
    assert api.admin["app1"] == 0


@pytest.mark.skipif(sys.platform == "win32", reason="there are no such signals")
def test_what_the_guard_starts_is_not_deaf(tmp_path: Path) -> None:
    """Else nothing but SIGKILL would ever end a node that a drill has started again."""
    names = ("SIGINT", "SIGTERM", "SIGHUP", "SIGQUIT", "SIGTSTP")
    start = script(
        tmp_path,
        "start.py",
        "import signal\n"
        f"ignored = [name for name in {names} if signal.getsignal(getattr(signal, name)) is signal.SIG_IGN]\n"
        "open('ignored', 'w').write(repr(ignored))",
    )

    async def run() -> None:
        outage = Outage("app1", (Removal("stop", (Action("true"),)),), (start,))
        async with Guarded((outage,), 60) as guard:
            assert await guard.take_out(outage, "stop") == ""
            assert await guard.put_back(outage) == ""

    asyncio.run(run())
    assert (tmp_path / "ignored").read_text() == "[]"


def test_the_guard_is_ours_in_any_folder(api: Runtime, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file that is called as a module of Python's is not run."""
    (tmp_path / "json.py").write_text("raise SystemExit(1)")
    monkeypatch.chdir(tmp_path)

    async def run() -> None:
        outage = outage_of(api)
        async with Guarded((outage,), 60) as guard:
            assert await guard.take_out(outage, "maint") == ""

    asyncio.run(run())
    assert api.admin["app1"] == 0
