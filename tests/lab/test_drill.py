"""`sessiondoctor drill` on real servers: HAProxy and three nodes; whatever becomes of the drill, every node is back."""

from __future__ import annotations

import json
import random
import signal
import subprocess
import sys
import time
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from sessiondoctor.experiments.drill.haproxy import RefusedError, ServerState, states
from tests.lab.cluster import FLOW
from tests.lab.scenarios.tomcat_cluster import ReplicatingShop
from tests.lab.servers.express import Express
from tests.lab.servers.haproxy import HAProxy
from tests.lab.servers.nginx import Nginx
from tests.lab.servers.redis import Redis
from tests.lab.workspace import Workspace

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

CONSENT = ("--node", "app1", "--allow", "disrupt", "--yes", "--quiet", "--watch", "4s")
BACK_S = 30.0


@dataclass(frozen=True, slots=True)
class Shop:
    """Three nodes behind HAProxy: the topology file, and where its runtime API is."""

    topology: Path
    runtime: str

    def states(self) -> Mapping[str, ServerState]:
        """Each server, as HAProxy has it."""
        return {one.name: one for one in states(self.runtime)}

    def out(self) -> list[str]:
        """Who is not in service; everybody while HAProxy does not tell."""
        try:
            return [name for name, state in self.states().items() if not state.in_service]
        except RefusedError:
            return ["HAProxy"]

    def wait_until_back(self) -> float:
        """Seconds until all are in service."""
        began = time.monotonic()
        while self.out():
            assert time.monotonic() - began < BACK_S, self.out()
            time.sleep(0.1)
        return time.monotonic() - began

    def described(self, name: str, **site: Any) -> Path:
        """Another topology file that says something else of the site."""
        known = yaml.safe_load(self.topology.read_text())
        file = self.topology.with_name(f"{name}.yaml")
        file.write_text(yaml.safe_dump({**known, "site": {**known["site"], **site}}))
        return file


def shop_of(stack: ExitStack, mode: str) -> Shop:
    """Express nodes, with their own memory or one Redis."""
    workspace = stack.enter_context(Workspace())
    store = Redis("redis", workspace.port(6379), password="drill-password")
    url = store.url() if mode == "external" else ""
    if url:
        workspace.start(store)
    nodes = tuple(
        Express(
            name, port=workspace.port(3000), secret="one for all", store_url=store.url() if mode == "external" else ""
        )
        for name in ("app1", "app2", "app3")
    )
    workspace.start(*nodes)
    edge = HAProxy(
        port=workspace.port(80), stats_port=workspace.port(8404), affinity="insert",
        servers=tuple((node.name, node.port) for node in nodes),
    )  # fmt: skip
    workspace.start(edge)
    runtime = f"unix:{workspace.directory}/edge/admin"
    topology = {
        "version": 1,
        "site": {"url": f"http://127.0.0.1:{edge.port}/", "mode": mode, "flow": {**FLOW, "websocket": "/live"}},
        "load_balancers": [{"name": "edge", "kind": "haproxy", "runtime": runtime}],
        "nodes": [{"name": node.name, "url": node.url} for node in nodes],
    }
    file = workspace.directory / "sessiondoctor.yaml"
    file.write_text(yaml.safe_dump(topology))
    return Shop(file, runtime)


@pytest.fixture(scope="module")
def sticky() -> Iterator[Shop]:
    """Each node keeps its own sessions."""
    with ExitStack() as stack:
        yield shop_of(stack, "sticky")


def command(topology: Path, *words: str) -> list[str]:
    """A drill."""
    return [sys.executable, "-m", "sessiondoctor", "drill", str(topology), *words]


def drilled(topology: Path, *words: str) -> tuple[dict[str, Any], int]:
    """The report and the exit code."""
    done = subprocess.run(
        command(topology, *(words or CONSENT), "-f", "json"), capture_output=True, text=True, timeout=90, check=False
    )
    assert done.stdout.startswith("{"), done.stderr
    return json.loads(done.stdout), done.returncode


def finding(report: dict[str, Any], check: str) -> dict[str, Any]:
    """The first finding of a check."""
    return next(one for one in report["findings"] if one["check"] == check)


def test_sessions_are_lost_with_their_node(sticky: Shop) -> None:
    """A drain leaves them where they are; without their node they are gone; and it is back, which is proven."""
    report, code = drilled(sticky.topology)
    assert sticky.out() == []
    assert code == 1
    assert [one["cause"] for one in report["diagnosis"]] == ["sticky-node-lost"]
    lost = finding(report, "session-lost-with-node")
    assert lost["summary"] == "6 of 6 sessions of app1 are lost when it is taken out"
    assert lost["seen"]["moved_within_s"] < 3
    assert finding(report, "drain-moves-clients")["status"] == "pass"
    assert finding(report, "socket-cut-by-drain")["seen"] == {"kept": 2}
    assert "HAProxy says that app/app1 is in service" in finding(report, "node-not-put-back")["summary"]


def test_a_copy_that_is_not_there(sticky: Shop) -> None:
    """The same, where a shared store is meant to be."""
    bundle = sticky.topology.with_name("seen.zip")
    topology = sticky.described("meant", mode="external")
    report, code = drilled(topology, *CONSENT, "--by", "maint", "--bundle", str(bundle))
    assert code == 1
    assert report["diagnosis"][0]["cause"] == "node-local-store"
    judge = [sys.executable, "-m", "sessiondoctor", "judge", str(bundle), "-f", "json"]
    again = json.loads(subprocess.run(judge, capture_output=True, text=True, timeout=90, check=False).stdout)
    assert [one["cause"] for one in again["diagnosis"]] == [one["cause"] for one in report["diagnosis"]]
    assert "though they are meant to be in a store" in finding(report, "session-lost-with-node")["summary"]


def test_sessions_in_a_store_survive() -> None:
    """Everything passes."""
    with ExitStack() as stack:
        shop = shop_of(stack, "external")
        report, code = drilled(shop.topology)
        assert shop.out() == []
    assert (code, report["verdict"], report["diagnosis"]) == (0, "no-fault-found", [])
    assert "6 of 6 sessions of app1 survive" in finding(report, "session-lost-with-node")["summary"]


@pytest.mark.thorough
def test_sessions_that_nodes_copy_survive() -> None:
    """Tomcat's DeltaManager."""
    with Workspace() as workspace:
        cluster = ReplicatingShop()(workspace)
        known = yaml.safe_load(cluster.topology.read_text())
        runtime = f"unix:{workspace.directory}/edge/admin"
        known["load_balancers"][0]["runtime"] = runtime
        cluster.topology.write_text(yaml.safe_dump(known))
        report, code = drilled(cluster.topology)
        assert Shop(cluster.topology, runtime).out() == []
    assert (code, report["verdict"], report["diagnosis"]) == (0, "no-fault-found", []), report["findings"]
    assert "sessions of app1 survive" in finding(report, "session-lost-with-node")["summary"]


def test_an_interrupt_puts_the_node_back_and_reports(sticky: Shop) -> None:
    """What was seen until then."""
    with subprocess.Popen(
        command(sticky.topology, *CONSENT[:-1], "30s", "--by", "drain", "-f", "json"), stdout=subprocess.PIPE, text=True
    ) as running:
        while not sticky.out():
            assert running.poll() is None
            time.sleep(0.05)
        time.sleep(1.0)
        running.send_signal(signal.SIGINT)
        out, _ = running.communicate(timeout=BACK_S)
    assert sticky.out() == []
    report = json.loads(out)
    assert (running.returncode, report["complete"]) == (130, False)
    assert finding(report, "node-not-put-back")["status"] == "pass"


def killed(shop: Shop, after_s: float, *, out: bool = False) -> tuple[bool, float]:
    """A drill is killed after these seconds, of the time in which its node is `out`, or of its whole length.

    Returns:
        Whether a node was out just before, and the seconds until all were back.
    """
    nowhere = subprocess.DEVNULL
    with subprocess.Popen(command(shop.topology, *CONSENT), stdout=nowhere, stderr=nowhere) as running:
        while out and not shop.out():
            assert running.poll() is None
            time.sleep(0.05)
        time.sleep(after_s)
        children = _children(running.pid)
        was_out = bool(shop.out())
        running.kill()
        running.wait()
    seconds = shop.wait_until_back()
    limit = time.monotonic() + BACK_S
    while any(Path(f"/proc/{child}").exists() for child in children):
        assert time.monotonic() < limit, "the guard does not end"
        time.sleep(0.1)
    assert shop.out() == []
    return was_out, seconds


def _children(pid: int) -> list[int]:
    """Processes that a process has started; none if it has ended."""
    file = Path(f"/proc/{pid}/task/{pid}/children")
    try:
        return [int(word) for word in file.read_text().split()]
    except FileNotFoundError:
        return []


def _length(shop: Shop) -> float:
    began = time.monotonic()
    subprocess.run(command(shop.topology, *CONSENT), capture_output=True, timeout=90, check=False)
    return time.monotonic() - began


def test_a_killed_drill_leaves_no_node_out(sticky: Shop) -> None:
    """At three moments, two of them while the node is out."""
    seen = [killed(sticky, 0.4), killed(sticky, 0.0, out=True), killed(sticky, 1.0, out=True)]
    assert [was_out for was_out, _ in seen] == [False, True, True]
    assert max(seconds for _, seconds in seen) < BACK_S


@pytest.mark.thorough
@pytest.mark.timeout(900)
def test_twenty_killed_drills(sticky: Shop) -> None:
    """At random moments: six of the whole length of a drill, the others from the moment on that its node is out."""
    length, moments = _length(sticky), random.Random(18)
    seen = [killed(sticky, moments.uniform(0, length)) for _ in range(6)]
    seen += [killed(sticky, moments.uniform(0, 3), out=True) for _ in range(14)]
    assert sum(was_out for was_out, _ in seen) >= 8, seen
    assert max(seconds for _, seconds in seen) < BACK_S


@pytest.mark.thorough
def test_declared_commands(sticky: Shop) -> None:
    """They stop and start, as a deployment's scripts do; a request proves the return."""
    script = sticky.topology.with_name("tell.py")
    script.write_text(TELL.format(runtime=sticky.runtime))
    known = yaml.safe_load(sticky.topology.read_text())
    del known["load_balancers"]
    python = sys.executable
    known["nodes"][0] |= {"stop": f"{python} tell.py maint", "start": f"{python} tell.py ready"}
    file = sticky.topology.with_name("commands.yaml")
    file.write_text(yaml.safe_dump(known))
    report, code = drilled(file)
    assert sticky.out() == []
    assert code == 1
    assert finding(report, "session-lost-with-node")["seen"]["by"] == ["stop"]
    assert finding(report, "socket-cut-by-drain")["seen"] == {"moved": 2}
    assert "app1 answers a new client through the balancer" in finding(report, "node-not-put-back")["summary"]


@pytest.mark.thorough
def test_a_node_that_is_really_stopped() -> None:
    """Behind nginx, which finds out by a request that fails and sends it on: no user sees that."""
    with Workspace() as workspace:
        store = Redis("redis", workspace.port(6379), password="drill-password")
        workspace.start(store)
        express = Express("app1", secret="one for all", store_url=store.url())
        nodes = tuple(replace(express, name=name, port=workspace.port(3000)) for name in ("app1", "app2", "app3"))
        workspace.start(*nodes)
        edge = Nginx(port=workspace.port(80), servers=tuple((node.name, node.port) for node in nodes))
        workspace.start(edge)
        home = workspace.directory / "app1"
        started = nodes[0].prepare(home)
        (home / "start.json").write_text(json.dumps([started.argv, dict(started.env)]))
        (home / "stop.py").write_text(STOP)
        (home / "start.py").write_text(START)
        described = [{"name": node.name, "url": node.url} for node in nodes]
        described[0] |= {"stop": f"{sys.executable} app1/stop.py", "start": f"{sys.executable} app1/start.py"}
        topology = {
            "version": 1,
            "site": {"url": f"http://127.0.0.1:{edge.port}/", "mode": "external", "flow": FLOW},
            "nodes": described,
        }
        file = workspace.directory / "sessiondoctor.yaml"
        file.write_text(yaml.safe_dump(topology))
        report, code = drilled(file)
        subprocess.run([sys.executable, str(home / "stop.py")], cwd=workspace.directory, check=True, timeout=20)
    assert code == 0, report["findings"]
    assert "6 of 6 sessions of app1 survive" in finding(report, "session-lost-with-node")["summary"]
    assert finding(report, "errors-when-node-leaves")["status"] == "pass"
    assert "app1 answers a new client" in finding(report, "node-not-put-back")["summary"]


STOP = """\
import os, pathlib, signal, time
pid = int(pathlib.Path("app1/pid").read_text())
os.kill(pid, signal.SIGTERM)
while pathlib.Path(f"/proc/{pid}/fd").exists() and pathlib.Path(f"/proc/{pid}/cmdline").read_bytes():
    time.sleep(0.05)
"""
START = """\
import json, os, pathlib, subprocess
argv, env = json.loads(pathlib.Path("app1/start.json").read_text())
nowhere = subprocess.DEVNULL
files = {"stdin": nowhere, "stdout": nowhere, "stderr": nowhere}
node = subprocess.Popen(argv, env={**os.environ, **env}, start_new_session=True, **files)
pathlib.Path("app1/pid").write_text(str(node.pid))
"""
TELL = """\
import sys
from sessiondoctor.experiments.drill.haproxy import order
order({runtime!r}, f"set server app/app1 state {{sys.argv[1]}}")
if sys.argv[1] == "maint":
    order({runtime!r}, "shutdown sessions server app/app1")
"""
