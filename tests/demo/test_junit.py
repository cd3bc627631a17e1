"""JUnit and the exit code say the same of every fault of the demo."""

from __future__ import annotations

import subprocess
import sys
from xml.etree import ElementTree as ET

import pytest

from sessiondoctor.demo.faults import FAULTS


@pytest.mark.thorough
@pytest.mark.parametrize("fault", ["none", *FAULTS])
def test_failures_are_what_the_exit_code_counts(fault: str) -> None:
    """There are some if and only if it is 1."""
    command = [sys.executable, "-m", "sessiondoctor", "demo", "--fault", fault, "-q", "-f", "junit"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=150)
    failures = ET.fromstring(done.stdout).findall(".//failure")
    assert bool(failures) == (done.returncode == 1)
    assert done.returncode == (0 if fault == "none" else 1)
