"""Checks of packs that loop, exit, and answer nonsense: each is an error, and the rest of the report stands."""

from __future__ import annotations

import json
import re
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from sessiondoctor.catalogue import bounded
from tests.fakes.packs import write_check, write_module

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.cli.conftest import Ended

    Cli = Callable[..., Ended]

SITE = "http://127.0.0.1:1/"
TOPOLOGY = "topology: Topology"


@pytest.fixture
def findings(cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], dict[str, Any]]:
    """The findings of a check with this body and of a good one, by id."""
    monkeypatch.setattr(bounded, "PATIENCE_S", 0.5)

    def run(body: str) -> dict[str, Any]:
        write_check(tmp_path / "pack", "own_bad", needs=TOPOLOGY, body=body, family="app")
        write_check(tmp_path / "pack", "own_good", needs=TOPOLOGY, body='yield Fine("fine")', family="app")
        ended = cli("check", "own-bad", "own-good", "-t", SITE, "--pack", tmp_path / "pack", "-f", "json")
        assert ended.code == 3
        return {one["check"]: one for one in json.loads(ended.out)["findings"]}

    return run


SOON = "import time; end = time.monotonic() + 3"
LOOP = f"{SOON}\n    while time.monotonic() < end: pass\n    yield Fine()"
"""Longer than anybody waits here; not for ever, as nothing ends a thread."""


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (LOOP, "the check does not come to an end: no answer within 0.5 s"),
        ('while True: yield Fine("again")', "the check does not come to an end"),
        ("raise SystemExit(0)\n    yield Fine()", "the check failed"),
        ("import sys; sys.exit(1)\n    yield Fine()", "the check failed"),
        ("raise KeyboardInterrupt\n    yield Fine()", "the check failed"),
        ('yield Problem("x", seen={"a": object()})', "the check failed"),
        ('yield Problem("x", seen={"a": float("nan")})', "the check failed"),
        ('yield Problem("x", seen={"a": b"x"})', "the check failed"),
        ('yield Problem("x", 5)', "the check failed"),
        ("yield 'fine'", "the check failed"),
        ("return None", "the check failed"),
    ],
)
def test_a_bad_check_is_an_error_and_the_rest_stands(
    findings: Callable[[str], dict[str, Any]], body: str, reason: str
) -> None:
    """In time, with its reason, in a report that is JSON."""
    began = time.monotonic()
    found = findings(body)
    assert (found["own-bad"]["status"], found["own-good"]["status"]) == ("error", "pass")
    assert reason in found["own-bad"]["reason"]
    assert time.monotonic() - began < 10


DO_NOT_LOAD = [
    "1 / 0",
    "raise SystemExit(0)",
    "raise KeyboardInterrupt",
    "import nothing_like_this",
    "x = (",
    f"{SOON}\nwhile time.monotonic() < end: 0",
]


@pytest.mark.parametrize("body", DO_NOT_LOAD)
def test_a_module_that_does_not_load_is_an_error_and_the_rest_stands(
    cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, body: str
) -> None:
    """Its finding says which file and why; no bug of ours."""
    monkeypatch.setattr(bounded, "PATIENCE_S", 0.5)
    write_module(tmp_path / "pack", "own_bad", f"{body}\n", family="app")
    write_check(tmp_path / "pack", "own_good", needs=TOPOLOGY, body='yield Fine("fine")', family="app")
    ended = cli("scan", SITE, "--pack", tmp_path / "pack", "-f", "json")
    found = {one["check"]: one for one in json.loads(ended.out)["findings"]}
    assert (found["own-bad"]["status"], found["own-good"]["status"]) == ("error", "pass")
    assert "own_bad.py: cannot be loaded" in found["own-bad"]["reason"]
    assert ended.code == 3
    assert "bug" not in ended.err


@pytest.mark.parametrize("body", DO_NOT_LOAD)
def test_whoever_lists_a_pack_is_told_what_does_not_load(
    cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, body: str
) -> None:
    """The author of a check wants to know, at once."""
    monkeypatch.setattr(bounded, "PATIENCE_S", 0.5)
    write_module(tmp_path / "pack", "own_bad", f"{body}\n", family="app")
    ended = cli("list", "--pack", tmp_path / "pack")
    assert ended.code == 4
    assert "own_bad.py: cannot be loaded" in ended.err
    assert "bug" not in ended.err


@pytest.mark.parametrize(("part", "whole"), [("Cookie", "Visits"), ("Trace", "Visits"), ("Cell", "Replay")])
def test_a_part_of_evidence_is_not_collected_alone(cli: Cli, tmp_path: Path, part: str, whole: str) -> None:
    """What to ask for instead is said."""
    write_check(tmp_path / "pack", "own_check", needs=f"part: {part}", family="app")
    ended = cli("check", "own-check", "-t", SITE, "--pack", tmp_path / "pack")
    assert ended.code == 4
    assert f"a check asks for {part}, which is a part of other evidence; ask for" in ended.err
    assert whole in ended.err
    assert "bug" not in ended.err


def test_every_command_that_a_message_names_exists() -> None:
    """`sessiondoctor X` in a source, a check's page or a hint."""
    from sessiondoctor.cli.app import app

    known = {command.name for command in app.registered_commands}
    root = Path(__file__).parents[2]
    texts = [
        *(root / "sessiondoctor").rglob("*.py"),
        *(root / "checks").rglob("*.md"),
        *(root / "checks").rglob("*.py"),
    ]
    named = {
        (found[1], path.name)
        for path in texts
        if path.suffix in {".py", ".md", ".yaml"}
        for found in re.finditer(r"`sessiondoctor ([a-z]+)\b", path.read_text(encoding="utf-8"))
    }
    assert len(named) > 5
    assert {(word, name) for word, name in named if word not in known} == set()
