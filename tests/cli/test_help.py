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


@pytest.fixture(scope="module", params=["", *COMMANDS])
def shown(request: pytest.FixtureRequest) -> str:
    """The help of the program, or of a command, in a terminal of 80 columns."""
    environment = {**os.environ, "COLUMNS": "80", "NO_COLOR": "1"}
    name: str = request.param
    command = [sys.executable, "-m", "sessiondoctor", *([name] if name else []), "--help"]
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=True).stdout


def test_no_sentence_is_cut(shown: str) -> None:
    """Whoever reads help reads it to its end."""
    assert not re.search(r"[a-z,;:]\.\.\.", shown)
    assert max(map(len, shown.splitlines())) <= 80


def test_no_option_is_broken_in_two(shown: str) -> None:
    """What is searched for or copied stands on one line."""
    assert not re.search(r"--\w[\w-]*-\n", shown)


def test_a_value_is_named_by_what_it_is(shown: str) -> None:
    """FILE, SECONDS or N; never the name of a type, or a formula for its bounds."""
    assert not re.search(r"<\w|<=|>=", shown)


def test_options_stand_under_headings(shown: str) -> None:
    """Nobody reads a list of thirty options: at most twelve stand together."""
    sections = re.split(r"(?m)^\S.*:$", shown)
    assert max(len(re.findall(r"(?m)^  -", section)) for section in sections) <= 12
