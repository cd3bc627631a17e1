from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

import pytest

from sessiondoctor.demo.faults import FAULTS


def demo(*words: str) -> tuple[int, dict[str, Any]]:
    """Exit code and JSON report of `sessiondoctor demo`."""
    command = [sys.executable, "-m", "sessiondoctor", "demo", "-f", "json", *words]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert "Traceback" not in done.stderr
    return done.returncode, json.loads(done.stdout)


@pytest.mark.parametrize("fault", FAULTS)
def test_every_fault_is_named_first(fault: str) -> None:
    """By the real command line; sessions are lost, so that the exit code is 1 whatever the severity."""
    code, report = demo("--fault", fault)
    assert report["diagnosis"][0]["cause"] == fault
    assert report["verdict"] == "fault-found"
    assert code == report["exit_code"] == 1


def test_nothing_is_found_where_nothing_is_wrong() -> None:
    """Neither a diagnosis nor a failure among the findings."""
    code, report = demo("--fault", "none")
    assert (code, report["verdict"], report["diagnosis"]) == (0, "no-fault-found", [])
    assert [f["check"] for f in report["findings"] if f["status"] in {"fail", "error"}] == []


def test_an_unknown_fault_is_a_usage_error() -> None:
    """With the one that was meant."""
    command = [sys.executable, "-m", "sessiondoctor", "demo", "--fault", "clock-skw"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 2
    assert "did you mean 'clock-skew'?" in done.stderr
