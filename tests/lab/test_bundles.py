"""`collect` then `judge`, elsewhere: what a scan on the spot says, with names and without, and no secret on the way.

A plain run takes a sample; `pytest tests/lab/test_bundles.py -m ""` takes every scenario.
"""

from __future__ import annotations

import asyncio
import io
import json
import os
import subprocess
import sys
import zipfile
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from sessiondoctor.cli.job import probed
from sessiondoctor.cli.options import Job
from sessiondoctor.outcome.bundle import pack
from sessiondoctor.pipeline.bundles import bundle_of, without_names
from sessiondoctor.pipeline.scan import gather, report
from sessiondoctor.report import Style
from sessiondoctor.report import json_document as as_json
from tests.lab.scenarios import SCENARIOS

if TYPE_CHECKING:
    from pathlib import Path

    from sessiondoctor.pipeline.collect import Progress
    from sessiondoctor.pipeline.order import Order
    from sessiondoctor.wire.client import Wire
    from tests.lab.cluster import Cluster
    from tests.lab.scenario import Scenario

LARGEST = 1_000_000
SAMPLE = {
    "express-healthy", "express-signing-secret-mismatch-declared", "express-key-prefix-mismatch", "express-redis-oom",
    "tokens-healthy", "django-signing-secret-mismatch-login", "express-store-endpoint-divergence-redis", "php-healthy",
}  # fmt: skip
CASES = [
    pytest.param(scenario, id=scenario.name, marks=[] if scenario.name in SAMPLE else pytest.mark.thorough)
    for scenario in SCENARIOS
    if not scenario.words
]


@dataclass(frozen=True, slots=True)
class Seen:
    """One scan: its report, and bundles of the same evidence."""

    report: dict[str, Any]
    named: bytes
    nameless: bytes


async def _seen(order: Order, wire: Wire, progress: Progress) -> Seen:
    started = datetime.now(tz=UTC)
    gathered, redactor = await gather(order, wire, progress)
    bundle = bundle_of(order, gathered, redactor, os.environ)
    nameless = without_names(bundle, order.topology, redactor.key, order.catalogue)
    on_the_spot = json.loads(as_json.render(report(order, gathered, redactor, started), Style()))
    return Seen(on_the_spot, pack(bundle), pack(nameless))


def judged(bundle: bytes, folder: Path) -> dict[str, Any]:
    """The report of the command, where nothing of the laboratory is known."""
    (folder / "b.zip").write_bytes(bundle)
    done = subprocess.run(
        [sys.executable, "-m", "sessiondoctor", "judge", "b.zip", "-f", "json"], cwd=folder,
        stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=150, check=False,
    )  # fmt: skip
    assert done.stdout.startswith("{"), done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def told(document: dict[str, Any]) -> dict[str, Any]:
    """What two reports of one evidence have in common: all but times."""
    return {name: value for name, value in document.items() if name not in {"started_at", "duration_s", "tool"}}


def causes(document: dict[str, Any]) -> list[tuple[str, int]]:
    """The diagnoses, without names."""
    return [(one["cause"], len(one["where"])) for one in document["diagnosis"]]


def content(bundle: bytes) -> bytes:
    """All members, unpacked."""
    with zipfile.ZipFile(io.BytesIO(bundle)) as archive:
        return b"\n".join(archive.read(name) for name in archive.namelist())


def names(cluster: Cluster) -> set[bytes]:
    """Of nodes, and the laboratory's folder."""
    nodes = yaml.safe_load(cluster.topology.read_text()).get("nodes", [])
    return {node["name"].encode() for node in nodes} | {str(cluster.topology.parent).encode()}


# The first of a kind downloads and builds what it runs: with Maven that may take minutes.
@pytest.mark.timeout(480)
@pytest.mark.parametrize("scenario", CASES)
def test_a_bundle_says_what_the_scan_said(scenario: Scenario, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Word for word with names, cause for cause without; small, and nothing planted is in a byte of it."""
    with scenario.running() as (_, cluster), monkeypatch.context() as environment:
        planted = scenario.prove(cluster)
        for name, value in cluster.env.items():
            environment.setenv(name, value)
        seen = asyncio.run(probed(Job(target=str(cluster.topology), rate=0.0, quiet=True), _seen))
        names_there = names(cluster)
    found = judged(seen.named, tmp_path)
    assert told(found) == told(seen.report)
    nameless = judged(seen.nameless, tmp_path)
    assert (causes(nameless), nameless["verdict"]) == (causes(seen.report), seen.report["verdict"])
    assert max(len(seen.named), len(seen.nameless)) < LARGEST
    everything = content(seen.named) + content(seen.nameless)
    assert not [secret for secret in planted if secret.encode() in everything]
    assert not [name for name in names_there if name in content(seen.nameless)]
