from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from sessiondoctor.errors import UsageError
from sessiondoctor.experiments.watch import causes, state
from sessiondoctor.experiments.watch.memory import Memory
from sessiondoctor.model import Outcome
from tests.fakes.reports import a_diagnosis, a_report
from tests.fakes.watched import START, Site, visitor

if TYPE_CHECKING:
    from pathlib import Path


def test_a_memory_comes_back_as_it_was(tmp_path: Path) -> None:
    """With its sessions, whose values are in no `repr`."""
    site = Site().settled()
    site.builds["app1"] = "2"
    site.round(born=(visitor(9),), lifetimes={"sid": 60.0}, troubles={"app3": "no answer"})
    fault = a_report(diagnosis=(a_diagnosis("clock-skew"),), verdict=Outcome.FAULT_FOUND)
    causes.compare(site.memory, fault, START)
    file = tmp_path / "state.json"
    file.write_bytes(state.written(site.memory))
    back = state.read(file, "shop")
    assert back == site.memory
    assert back.sessions[0].visitor.cookies == site.memory.sessions[0].visitor.cookies
    assert "very-secret" not in repr(back)


def test_without_a_file_all_is_new(tmp_path: Path) -> None:
    """A first run."""
    assert state.read(tmp_path / "none.json", "shop") == Memory("shop")


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("{", "expected the state of a watch"),
        ("[]", "expected the state of a watch"),
        ("[" * 100_000, "expected the state of a watch"),
        (json.dumps({"schema": "sessiondoctor-idle-state/1"}), "expected the state of a watch"),
        (json.dumps({"schema": state.SCHEMA, "memory": {"rounds": 1}}), "expected the state of a watch"),
        (json.dumps({"schema": state.SCHEMA, "memory": {"target": "a", "rounds": "x"}}), "expected the state"),
        (json.dumps({"schema": state.SCHEMA, "memory": {"target": "other"}}), "is of other, not of shop"),
    ],
)
def test_files_that_are_no_state(tmp_path: Path, text: str, says: str) -> None:
    """One line says what is wrong."""
    file = tmp_path / "state.json"
    file.write_text(text)
    with pytest.raises(UsageError, match=says):
        state.read(file, "shop")


def test_a_file_that_is_too_large(tmp_path: Path) -> None:
    """It is not read."""
    file = tmp_path / "state.json"
    file.write_bytes(b" " * (state.LARGEST + 1))
    with pytest.raises(UsageError, match="expected the state"):
        state.read(file, "shop")
