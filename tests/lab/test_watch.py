"""`sessiondoctor watch` on real servers: a deploy, an eviction and a clock that steps, seen as they happen."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
import urllib.request
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import yaml
from prometheus_client.parser import text_string_to_metric_families

from tests.lab.servers.express import Express, faketime
from tests.lab.servers.haproxy import HAProxy
from tests.lab.servers.redis import Redis, client
from tests.lab.workspace import Workspace

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.lab.process import Command

SECRET, OTHER_SECRET = "one secret for all", "the secret of another build"
STEP_S = 600
HOUR_S = 3600.0
FILLER = 4000
MAY_GROW_KIB = 24 * 1024
"""A process that holds on to a round's evidence grows by that in a minute of short rounds."""
DEPLOY = {"deployed", "node-down", "node-up", "balancer", "session-lost", "session-moved", "cause-new", "cause-worse",
          "cause-gone", "check-fails", "check-passes", "could-not-look", "looked-again"}  # fmt: skip
EVICTION = {"evicted", "store-changed"}


@dataclass(frozen=True, slots=True)
class SteppingExpress(Express):
    """A node whose clock is set while it runs: it is off by what its file says."""

    clock_file: str = ""

    def prepare(self, home: Path) -> Command:
        """Express as always, with libfaketime reading a file once a second."""
        command = super(SteppingExpress, self).prepare(home)
        Path(self.clock_file).write_text("+0\n")
        late = {name: value for name, value in faketime("+0").items() if name != "FAKETIME"}
        late |= {"FAKETIME_TIMESTAMP_FILE": self.clock_file, "FAKETIME_CACHE_DURATION": "1"}
        return replace(command, env={**command.env, **late})


@dataclass(slots=True)
class Watch:
    """A watch that runs; its lines as they come."""

    process: subprocess.Popen[bytes]
    out: Path
    log: Path
    port: int
    sizes_kib: list[int] = field(default_factory=list)

    @property
    def changes(self) -> list[dict[str, Any]]:
        """Every change so far."""
        return [json.loads(line) for line in self.out.read_text().splitlines()]

    @property
    def rounds(self) -> int:
        """How many have ended."""
        return self.log.read_text().count(" took ")

    def wait(self, rounds: int) -> None:
        """Until so many more have ended."""
        end, until = self.rounds + rounds, time.monotonic() + 60 + 60 * rounds
        while self.rounds < end:
            assert self.process.poll() is None, self.log.read_text()
            assert time.monotonic() < until, self.log.read_text()
            time.sleep(0.2)
        self.sizes_kib.append(resident_kib(self.process.pid))

    def metrics(self) -> dict[tuple[str, ...], float]:
        """What Prometheus reads: name and values of labels, and the value."""
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/metrics", timeout=5) as answer:
            text = answer.read().decode()
        families = text_string_to_metric_families(text)
        return {(one.name, *one.labels.values()): one.value for family in families for one in family.samples}

    def paused(self, deed: Callable[[], None]) -> None:
        """Something that begins and ends between two rounds."""
        os.kill(self.process.pid, signal.SIGSTOP)
        try:
            deed()
        finally:
            os.kill(self.process.pid, signal.SIGCONT)


@dataclass(slots=True)
class Site:
    """The cluster."""

    workspace: Workspace
    store: Redis
    nodes: dict[str, Express]
    topology: Path

    def deploy(self, name: str, version: str, secret: str) -> None:
        """Another build of one node, at its place."""
        self.workspace.stop(name)
        home = self.workspace.directory / name
        home.rename(home.with_name(f"{name}-before-{version}"))
        self.nodes[name] = replace(self.nodes[name], version=version, secret=secret)
        self.workspace.start(self.nodes[name])

    def fill(self) -> None:
        """Somebody else's keys, which nobody reads."""
        with client(self.store) as store:
            for number in range(FILLER):
                store.set(f"page:{number}", "x" * 1000)

    def evict(self) -> None:
        """Less memory than is in use, with leave to evict what was used least."""
        with client(self.store) as store:
            store.config_set("maxmemory-policy", "allkeys-lru")
            store.config_set("maxmemory", int(store.info("memory")["used_memory"]) - 1_000_000)

    def step(self) -> None:
        """The clock of app3 is set."""
        node = self.nodes["app3"]
        assert isinstance(node, SteppingExpress)
        Path(node.clock_file).write_text(f"+{STEP_S}\n")


@contextmanager
def running() -> Iterator[Site]:
    """HAProxy with a cookie of its own before three nodes with sessions in Redis."""
    with Workspace() as workspace:
        store = Redis("redis", workspace.port(6379), password="watch-password")
        workspace.start(store)
        express = Express("app1", store_url=store.url(), secret=SECRET, version="1.0")
        nodes = {name: replace(express, name=name, port=workspace.port(3000)) for name in ("app1", "app2")}
        stepping = SteppingExpress(
            "app3", workspace.port(3000), store.url(), SECRET, version="1.0",
            clock_file=str(workspace.directory / "clock"),
        )  # fmt: skip
        nodes["app3"] = stepping
        workspace.start(*nodes.values())
        edge = HAProxy(
            port=workspace.port(80), stats_port=workspace.port(8404), affinity="insert",
            servers=tuple((node.name, node.port) for node in nodes.values()),
        )  # fmt: skip
        workspace.start(edge)
        site = Site(workspace, store, nodes, described(workspace, edge, tuple(nodes.values()), store))
        site.fill()
        yield site


def described(workspace: Workspace, edge: HAProxy, nodes: tuple[Express, ...], store: Redis) -> Path:
    """The topology file."""
    flow = {
        "write": {"method": "POST", "path": "/cart", "form": {"item": "{marker}"}},
        "read": {"path": "/cart", "expect": "{marker}"},
    }
    topology = {
        "version": 1,
        "site": {"url": f"http://127.0.0.1:{edge.port}/", "flow": flow},
        "load_balancers": [{"name": "edge", "kind": "haproxy", "stats": edge.stats}],
        "nodes": [{"name": node.name, "url": node.url, "store": "sessions"} for node in nodes],
        "stores": [{"name": "sessions", "kind": "redis", "url": store.url()}],
    }
    file = workspace.directory / "sessiondoctor.yaml"
    file.write_text(yaml.safe_dump(topology))
    return file


@contextmanager
def watching(site: Site, every: str, *words: str) -> Iterator[Watch]:
    """The command, until it is interrupted."""
    folder, port = site.topology.parent, site.workspace.port(9764)
    out, log = folder / "watch.out", folder / "watch.log"
    command = [
        sys.executable, "-m", "sessiondoctor", "watch", site.topology.name, "--every", every, "--json", "--verbose",
        "--metrics-listen", f"127.0.0.1:{port}", "--metrics-file", "watch.prom", "--state", "watch.json", *words,
    ]  # fmt: skip
    with out.open("wb") as lines, log.open("wb") as said:
        process = subprocess.Popen(command, cwd=folder, stdout=lines, stderr=said, start_new_session=True)
    try:
        yield Watch(process, out, log, port)
    finally:
        process.send_signal(signal.SIGCONT)
        process.send_signal(signal.SIGINT)
        try:
            process.wait(30)
        finally:
            process.kill()


def resident_kib(process: int) -> int:
    """Memory that a process has."""
    lines = Path(f"/proc/{process}/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmRSS:"))


def kinds(changes: list[dict[str, Any]]) -> set[str]:
    """What happened."""
    return {change["kind"] for change in changes}


def assert_all_three(watch: Watch) -> None:
    """In the log and in the metrics, and nothing that did not happen."""
    changes, metrics = watch.changes, watch.metrics()
    deployed = [change for change in changes if change["kind"] == "deployed"]
    assert {change["subject"] for change in deployed} == {"app2"}
    assert "x-app-version is 1.1, and was 1.0" in deployed[0]["text"]
    lost = [change for change in changes if change["kind"] == "session-lost"]
    assert lost
    assert all("across the deploy of app2 at " in change["text"] for change in lost), lost
    # A store that stays full evicts now and then: each time after a quiet while is said.
    assert {change["subject"] for change in changes if change["kind"] == "evicted"} == {"sessions"}
    stepped = [change for change in changes if change["kind"] == "clock-stepped"]
    assert [change["subject"] for change in stepped] == ["app3"]
    assert kinds(changes) <= DEPLOY | EVICTION | {"clock-stepped"}, kinds(changes)
    assert metrics["sessiondoctor_deploys_total", "app2"] >= 1
    assert ("sessiondoctor_deploys_total", "app1") not in metrics
    assert metrics["sessiondoctor_sessions_lost_total", "app2", "deploy"] >= 1
    assert metrics["sessiondoctor_store_evicted_keys_total", "sessions"] > 100
    assert metrics["sessiondoctor_clock_steps_total", "app3"] == 1
    offset = metrics["sessiondoctor_clock_offset_seconds", "app3"]
    assert abs(offset - STEP_S) <= metrics["sessiondoctor_clock_uncertainty_seconds", "app3"] + 0.1
    assert abs(metrics["sessiondoctor_clock_offset_seconds", "app1"]) < 2
    page = (watch.out.parent / "watch.prom").read_text()
    assert 'sessiondoctor_sessions_lost_total{node="app2",reason="deploy"}' in page
    assert "connect.sid=" not in page + watch.out.read_text() + watch.log.read_text()


def assert_flat(sizes_kib: list[int]) -> None:
    """From the first whole scan on, a tenth of the run later at the latest."""
    settled = sizes_kib[max(1, len(sizes_kib) // 10) :]
    assert max(settled) - settled[0] < MAY_GROW_KIB, sizes_kib


@pytest.mark.timeout(400)
def test_a_deploy_an_eviction_and_a_clock_step() -> None:
    """Short rounds; the deploy falls between two of them."""
    with running() as site, watching(site, "5s") as watch:
        watch.wait(4)
        assert watch.changes == []
        watch.paused(lambda: site.deploy("app2", "1.1", OTHER_SECRET))
        watch.wait(2)
        assert {"deployed", "session-lost", "cause-new"} <= kinds(watch.changes)
        site.evict()
        watch.wait(2)
        site.step()
        watch.wait(2)
        assert_all_three(watch)
        assert_flat(watch.sizes_kib)
        watch.process.send_signal(signal.SIGINT)
        assert watch.process.wait(30) == 130
        assert "ended after" in watch.log.read_text()


@pytest.mark.thorough
@pytest.mark.timeout(4500)
def test_an_hour() -> None:
    """The same within an hour, and another deploy that mends the first; nothing else is said to have happened."""
    ends = time.monotonic() + HOUR_S
    with running() as site, watching(site, "20s", "--scan-every", "10m") as watch:
        watch.wait(30)
        assert watch.changes == []
        watch.paused(lambda: site.deploy("app2", "1.1", OTHER_SECRET))
        watch.wait(30)
        assert {"deployed", "session-lost", "cause-new"} <= kinds(watch.changes)
        site.evict()
        watch.wait(30)
        site.step()
        watch.wait(30)
        watch.paused(lambda: site.deploy("app2", "1.2", SECRET))
        while time.monotonic() < ends:
            watch.wait(3)
        assert "cause-gone" in kinds(watch.changes)
        assert_all_three(watch)
        assert_flat(watch.sizes_kib)
        assert (site.topology.parent / "watch.json").stat().st_size < 100_000
