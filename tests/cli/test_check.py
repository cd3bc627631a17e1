"""`check`, and what the exit code depends on: with checks of a pack that ask the topology alone, so nobody is asked."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from sessiondoctor.report import FORMATS
from tests.fakes.packs import write_cause, write_check

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Cli = Callable[..., Any]

SITE = "https://shop.test/"
TOPOLOGY = "topology: Topology"
BODIES = {
    "always_fails": "yield Problem('it is so')",
    "always_fine": "yield Fine()",
    "never_knows": "raise Inconclusive('too thin')",
    "never_applies": "raise NotApplicable('no such thing', hint='declare it')",
    "always_crashes": "raise RuntimeError('bug')",
}


@pytest.fixture
def check(cli: Cli, tmp_path: Path) -> Cli:
    """Runs `check` with a pack of checks that always answer the same; severity high, family app."""
    pack = tmp_path / "pack"
    for name, body in BODIES.items():
        write_check(pack, name, needs=TOPOLOGY, body=body, family="app")

    def run(*words: object) -> Any:
        return cli("check", *words, "-t", SITE, "--pack", pack)

    return run


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (["always-fails"], 1),
        (["always-fails", "--fail-on", "critical"], 0),
        (["always-fails", "--fail-on", "low"], 1),
        (["always-fails", "--fail-on", "never"], 0),
        (["always-fine"], 0),
        (["never-knows"], 3),
        (["never-knows", "--allow-inconclusive"], 0),
        (["never-applies"], 3),
        (["never-applies", "--allow-inconclusive"], 0),
        (["always-fine", "never-applies"], 3),
        (["always-crashes"], 3),
        (["always-fine", "never-knows"], 3),
        (["always-fails", "never-knows"], 1),
        (["always-fails", "never-knows", "--fail-on", "never"], 3),
        (["always-fails", "--allow-inconclusive"], 1),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else str(value),
)
def test_the_exit_code_follows_the_checks_that_were_asked_for(check: Cli, words: list[str], code: int) -> None:
    """And stands in the report."""
    ended = check(*words, "-f", "json")
    assert (ended.code, ended.err) == (code, "")
    assert json.loads(ended.out)["exit_code"] == code


@pytest.mark.parametrize("name", FORMATS)
@pytest.mark.parametrize(("id_", "code"), [("always-fails", 1), ("always-fine", 0), ("never-knows", 3)])
def test_the_exit_code_is_the_same_for_every_format(check: Cli, name: str, id_: str, code: int) -> None:
    """A pipeline may change its format."""
    assert check(id_, "-f", name).code == code


def test_only_what_was_asked_for_is_judged(check: Cli) -> None:
    """Not the other checks of its family."""
    report = json.loads(check("always-fine", "-f", "json").out)
    assert [finding["check"] for finding in report["findings"]] == ["always-fine"]


def test_a_crash_is_in_the_report_not_on_the_screen(check: Cli) -> None:
    """With its trace, as the other findings."""
    report = json.loads(check("always-crashes", "always-fine", "-f", "json").out)
    error, fine = report["findings"]
    assert (error["status"], fine["status"]) == ("error", "pass")
    assert error["seen"]["trace"].endswith("RuntimeError\n")


def test_a_baseline_accepts_what_it_has(check: Cli) -> None:
    """And nothing else: another check that fails still counts, and silence always does."""
    check("always-fails", "never-knows", "-f", "json=old.json")
    assert check("always-fails", "--baseline", "old.json").code == 0
    assert check("never-knows", "--baseline", "old.json").code == 3
    check("always-fine", "-f", "json=fine.json")
    assert check("always-fails", "--baseline", "fine.json").code == 1


def test_a_scan_can_select_and_ignore(check: Cli, cli: Cli, tmp_path: Path) -> None:
    """`--select` asks by name as `check` does; `--ignore` takes away."""
    assert check("always-fine").code == 0
    words = ("scan", SITE, "--pack", tmp_path / "pack", "--select", "always-fine", "--select", "always-fails")
    assert cli(*words).code == 1
    assert cli(*words, "--ignore", "always-fails").code == 0


def test_a_cause_of_a_pack_is_named(cli: Cli, tmp_path: Path) -> None:
    """A user's own check and page, without a change in the package."""
    text = "yield Problem('it is so')"
    write_check(tmp_path / "pack", "own_loss", needs=TOPOLOGY, body=text, family="app", role="loss")
    write_cause(tmp_path / "pack", "own-cause", findings="own-loss: always", family="app")
    ended = cli("scan", SITE, "--select", "own-loss", "--pack", tmp_path / "pack", "-f", "json")
    report = json.loads(ended.out)
    assert [stated["cause"] for stated in report["diagnosis"]] == ["own-cause"]
    assert (ended.code, report["diagnosis"][0]["solution"]["summary"]) == (1, "Do it.")


def test_a_mistake_in_a_pages_of_a_pack_is_said_first(cli: Cli, tmp_path: Path) -> None:
    """Before anything is contacted, not after a minute of probing."""
    path = write_cause(tmp_path / "pack", "own-cause", findings="no-such-check: always")
    ended = cli("scan", SITE, "--pack", tmp_path / "pack")
    assert (ended.code, ended.out) == (4, "")
    assert ended.err.startswith(f"sessiondoctor: {path}: there is no check or fact 'no-such-check'")


def test_each_check_has_one_line_and_nothing_is_said_of_the_site(check: Cli) -> None:
    """What came of it, and why, in the order of the question."""
    ended = check("always-fine", "always-fails", "never-knows", "never-applies", "always-crashes")
    assert ended.out.splitlines() == [
        "PASS           always-fine: this was looked for and not found: The title of always_fine",
        "FAIL           always-fails: it is so",
        "CANNOT TELL    never-knows: too thin",
        "DOES NOT APPLY never-applies: no such thing; declare it",
        "CANNOT TELL    always-crashes: the check failed; this is a bug",
    ]


@pytest.mark.parametrize("name", FORMATS)
def test_a_check_states_no_cause(cli: Cli, tmp_path: Path, name: str) -> None:
    """In no format: a cause is for a scan to find."""
    write_check(tmp_path / "pack", "own_loss", needs=TOPOLOGY, body="yield Problem('gone')", family="app", role="loss")
    write_cause(tmp_path / "pack", "own-cause", findings="own-loss: always", family="app")
    ended = cli("check", "own-loss", "-t", SITE, "--pack", tmp_path / "pack", "-f", name)
    assert ended.code == 1
    assert "own-loss" in ended.out
    assert "own-cause" not in ended.out


def test_a_family_may_hold_what_does_not_apply(check: Cli) -> None:
    """Only what is named by itself must apply."""
    assert check("app", "--fail-on", "never").code == 3  # never-knows and always-crashes
    assert check("always-fine", "never-applies").code == 3
