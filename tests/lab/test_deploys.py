"""Deploys on real servers: a session is left before, read after, and `diff` names what did not survive."""

from __future__ import annotations

import json
import os
import stat
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest

from tests.lab.cluster import Cluster
from tests.lab.scenarios.express import MEMORY, ExpressShop, every
from tests.lab.scenarios.spring import SpringOnRedis
from tests.lab.scenarios.tokens import NEW, Tokens
from tests.lab.servers.haproxy import HAProxy
from tests.lab.servers.redis import client
from tests.lab.workspace import Workspace

if TYPE_CHECKING:
    from pathlib import Path


NODES = ("app1", "app2", "app3")


@dataclass(frozen=True, slots=True)
class Deploy:
    """One deploy.

    Attributes:
        change: what is done to the running cluster.
        cause: the id that the change is known by; None where sessions survive.
    """

    build: Callable[[Workspace], Cluster]
    change: Callable[[Workspace, Cluster], None]
    cause: str | None


def restarted(*names: str, **changes: Any) -> Callable[[Workspace, Cluster], None]:
    """Each of these servers anew, one after the other, with changes to its settings."""
    return lambda workspace, _: workspace.restart(*names, **changes)


def _flushed(_: Workspace, cluster: Cluster) -> None:
    with client(cluster.stores["redis"]) as store:
        store.flushall()


DEPLOYS = {
    "clean-rolling": Deploy(ExpressShop(), restarted(*NODES), None),
    "clean-rolling-tokens": Deploy(Tokens(), restarted(*NODES), None),
    "clean-rolling-spring": Deploy(SpringOnRedis(), restarted(*NODES[:2]), None),
    "secret-rotated": Deploy(ExpressShop(), restarted(*NODES, secret="another, alone"), "key-rotation-no-overlap"),
    "prefix-changed": Deploy(ExpressShop(), restarted(*NODES, prefix="release-2:"), "key-prefix-mismatch"),
    "class-changed": Deploy(SpringOnRedis(), restarted(*NODES[:2], cart_version=2), "class-version-mismatch"),
    "keys-not-kept": Deploy(Tokens(), lambda workspace, _: _with_new_keys(workspace), "key-rotation-no-overlap"),
    "store-flushed": Deploy(ExpressShop(), _flushed, "store-data-loss"),
    "store-restarted": Deploy(ExpressShop(), restarted("redis"), "store-data-loss"),
    "memory": Deploy(
        ExpressShop(nodes=every(store_url=MEMORY), balancer=HAProxy(affinity="insert")),
        restarted(*NODES),
        "node-local-store",
    ),
}  # fmt: skip


EVERYDAY = {"clean-rolling", "secret-rotated", "store-flushed"}
CASES = [
    pytest.param(deploy, id=name, marks=[] if name in EVERYDAY else pytest.mark.thorough)
    for name, deploy in DEPLOYS.items()
]


def _with_new_keys(workspace: Workspace) -> None:
    """One new key for all, and the old one is gone."""
    workspace.restart(*NODES, pairs=(NEW,), keys=(NEW.generate(),))


@dataclass(frozen=True, slots=True)
class Told:
    """What the commands wrote."""

    difference: dict[str, Any]
    exit_code: int
    scan: dict[str, Any]
    secrets: frozenset[str]
    outputs: tuple[bytes, ...]
    mode: int


def run(cluster: Cluster, *words: str) -> subprocess.CompletedProcess[bytes]:
    """The command line in the cluster's folder."""
    return subprocess.run(
        [sys.executable, "-m", "sessiondoctor", *words], cwd=cluster.topology.parent, env={**os.environ, **cluster.env},
        stdin=subprocess.DEVNULL, capture_output=True, timeout=150, check=False,
    )  # fmt: skip


def deployed(deploy: Deploy) -> Told:
    """Collects, deploys, collects again, compares."""
    with Workspace() as workspace:
        cluster = deploy.build(workspace)
        home, name = cluster.topology.parent, cluster.topology.name
        first = run(cluster, "collect", name, "-o", "before.zip", "--leave-session", "left.json", "--rate", "0")
        assert first.returncode in {0, 3}, first.stderr.decode()
        assert (home / "left.json").exists(), first.stderr.decode()
        deploy.change(workspace, cluster)
        second = run(cluster, "collect", name, "-o", "after.zip", "--resume", "left.json", "--rate", "0")
        assert second.returncode in {0, 3}, second.stderr.decode()
        done = run(cluster, "diff", "before.zip", "after.zip", "-f", "json")
        text = run(cluster, "diff", "before.zip", "after.zip")
        judged = run(cluster, "judge", "after.zip", "-f", "json", "-v")
        left = json.loads((home / "left.json").read_text())
        bundles = [_content(home / file) for file in ("before.zip", "after.zip")]
        outputs = (first.stderr, second.stderr, done.stdout, text.stdout, judged.stdout, *bundles)
        secrets = {left["key"], *(cookie["value"] for cookie in left["cookies"] if len(cookie["value"]) > 10)}
        mode = stat.S_IMODE((home / "left.json").stat().st_mode)
    return Told(json.loads(done.stdout), done.returncode, json.loads(judged.stdout), frozenset(secrets), outputs, mode)


def _content(file: Path) -> bytes:
    from zipfile import ZipFile

    with ZipFile(file) as archive:
        return b"\n".join(archive.read(name) for name in archive.namelist())


# The first of a kind downloads and builds what it runs: with Maven that may take minutes.
@pytest.mark.timeout(480)
@pytest.mark.parametrize("deploy", CASES)
def test_diff_names_what_did_not_survive(deploy: Deploy) -> None:
    """The cause of the loss comes first; after a clean deploy there is nothing; the session left shows nowhere."""
    told = deployed(deploy)
    changes = told.difference["changes"]
    if deploy.cause is None:
        assert [one for one in changes if one["cause"]] == []
        assert told.exit_code == 0
        assert _status(told, "left-session-lost") == "pass"
    else:
        assert changes[0]["what"] == "the session from before is not known after"
        assert changes[0]["cause"] == deploy.cause, changes
        assert told.exit_code == 1
        assert _status(told, "left-session-lost") == "fail"
        assert told.scan["verdict"] == "fault-found"
    assert told.mode == 0o600
    assert not any(secret.encode() in output for secret in told.secrets for output in told.outputs)


def _status(told: Told, check: str) -> str:
    (finding,) = (one for one in told.scan["findings"] if one["check"] == check)
    return str(finding["status"])
