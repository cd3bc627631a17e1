"""The help of the program and of its commands."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from sessiondoctor.cli.app import COMMANDS


def test_a_shell_that_completes_is_not_given_the_help() -> None:
    """It calls without words, and says what it wants in the environment."""
    wanted = {"_SESSIONDOCTOR_COMPLETE": "complete_bash", "COMP_WORDS": "sessiondoctor sc", "COMP_CWORD": "1"}
    command = [str(Path(sys.executable).with_name("sessiondoctor"))]
    done = subprocess.run(command, env={**os.environ, **wanted}, capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout.split() == ["scan", "schema"]


@pytest.mark.parametrize("name", ["", *COMMANDS])
def test_no_sentence_is_cut(name: str) -> None:
    """Whoever reads help reads it to its end."""
    environment = {**os.environ, "COLUMNS": "80", "NO_COLOR": "1"}
    command = [sys.executable, "-m", "sessiondoctor", *([name] if name else []), "--help"]
    shown = subprocess.run(command, env=environment, capture_output=True, text=True, check=True).stdout
    assert not re.search(r"[a-z,;:]\.\.\.", shown)
    assert max(map(len, shown.splitlines())) <= 80
