"""The real command line, as a user starts it, on a running cluster."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sessiondoctor.report import FORMATS
from tests.lab.access import Access, limited

if TYPE_CHECKING:
    from tests.lab.cluster import Cluster

SECONDS = 150


@dataclass(frozen=True, slots=True)
class Scan:
    """What one scan left behind.

    Attributes:
        report: the JSON document, parsed.
        documents: the same report as text by format, and standard error as `stderr`.
    """

    exit_code: int
    report: Mapping[str, Any]
    documents: Mapping[str, str]


def scan(cluster: Cluster, access: Access = "everything", words: tuple[str, ...] = ()) -> Scan:
    """Run `sessiondoctor scan`; raises `AssertionError` when it prints no JSON document or does not end."""
    home = cluster.topology.parent
    topology = limited(cluster.topology, access)
    files = {name: home / f"report.{name}" for name in FORMATS if name != "json"}
    formats = ("-f", "json", *(word for name, file in files.items() for word in ("-f", f"{name}={file}")))
    try:
        done = subprocess.run(
            [sys.executable, "-m", "sessiondoctor", "scan", str(topology), *formats, "--rate", "0", *words],
            env={**os.environ, **cluster.env, "COLUMNS": "110", "NO_COLOR": "1"},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        message = f"the scan did not end within {SECONDS} s"
        raise AssertionError(message) from error
    assert done.stdout.startswith("{"), f"exit code {done.returncode}, no JSON:\n{done.stdout}\n{done.stderr}"
    documents = {"json": done.stdout, **{name: file.read_text() for name, file in files.items()}}
    return Scan(done.returncode, json.loads(done.stdout), {**documents, "stderr": done.stderr})
