"""Mistakes on the command line: one clear message, the nearest word, exit code 2, nothing on standard output."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.fakes.packs import write_check, write_module

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Cli = Callable[..., Any]

NOWHERE = "http://127.0.0.1:1/"


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["scna"], "No such command 'scna'. Did you mean 'scan'"),
        (["scan", NOWHERE, "--requsts", "3"], "No such option: --requsts (Possible options: "),
        (["scan", NOWHERE, "--requests", "many"], "'many' is not a valid int"),
        (["scan", NOWHERE, "--requests", "1"], "1 is not in the range"),
        (["scan", NOWHERE, "--deadline", "0"], "0.0 is not in the range"),
        (["scan", NOWHERE, "--allow", "al"], "'al' is not one of 'observe', 'interact', 'disrupt'"),
        (["scan", NOWHERE, "--fail-on", "hihg"], "'hihg' is not one of 'critical', 'high'"),
        (["scan", NOWHERE, "-f", "jsn"], "sessiondoctor: -f jsn: expected one of text, json"),
        (["scan", NOWHERE, "-f", "jsn"], "; did you mean 'json'?"),
        (["scan", NOWHERE, "-f", "jsn=x"], "; did you mean 'json'?"),
        (
            ["scan", NOWHERE, "-f", "json", "-f", "html"],
            "only one document fits on standard output; write -f html=FILE",
        ),
        (["scan", NOWHERE, "-f", "json=x", "-f", "html=x"], "x: only one document fits in a file"),
        (["scan", NOWHERE, "-o", "x.pdf"], "cannot tell the format from '.pdf'; add -f"),
        (["scan", NOWHERE, "-o", "report"], "cannot tell the format from 'a name without suffix'; add -f"),
        (["scan", NOWHERE, "-o", "no/such/folder.json"], "cannot write the report: there is no folder no/such"),
        (["scan", NOWHERE, "-f", "json="], "cannot write the report: it is a folder"),
        (["scan", NOWHERE, "--select", "client-mvoes"], "; did you mean 'client-moves'?"),
        (["scan", NOWHERE, "--ignore", "stor"], "; did you mean 'store'?"),
        (["scan", NOWHERE, "--symptom", "state-lots"], "; did you mean 'state-lost'?"),
        (["scan", NOWHERE, "--pack", "nowhere"], "--pack nowhere: expected a folder with checks"),
        (["scan", NOWHERE, "--baseline", "old.json"], "old.json: cannot read the report: No such file"),
        (["scan"], "nothing to look at: there is no sessiondoctor.yaml here"),
        (["scan", "shop.example.com"], "is no file; for a URL, write https://shop.example.com/"),
        (["scan", "ftp://shop.test/"], "the target is no URL that can be opened"),
        (["scan", "sessiondoctr.yaml"], "is no file and no URL"),
        (["check"], "Missing argument 'ID...'"),
        (["check", "client-mvoes", "-t", NOWHERE], "; did you mean 'client-moves'?"),
        (["list", "chekcs"], "'chekcs' is not one of 'checks', 'causes'"),
        (["list", "--pack", "nowhere"], "--pack nowhere: expected a folder with checks"),
        (
            ["explain", "client-mvoes"],
            "there is no cause, check or product 'client-mvoes'; did you mean 'client-moves'?",
        ),
        (["explain", "client-moves", "--pack", "nowhere"], "--pack nowhere: expected a folder with checks"),
        (["report", "old.json"], "old.json: cannot read the report: No such file"),
        (["schema", "reprt"], "'reprt' is not one of 'topology', 'report'"),
        (["demo", "--fault", "clock-skwe"], "; did you mean 'clock-skew'?"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_a_mistake_is_one_message(cli: Cli, words: list[str], message: str) -> None:
    """Before anything is contacted."""
    ended = cli(*words)
    assert message in " ".join(ended.err.replace("│", " ").split())
    assert (ended.code, ended.out) == (2, "")
    assert "Traceback" not in ended.err


def test_a_topology_with_mistakes_says_where(cli: Cli, tmp_path: Path) -> None:
    """File, line and column of each."""
    (tmp_path / "sessiondoctor.yaml").write_text("version: 1\nsite: {ulr: 'https://shop.test/'}\nnods: []\n")
    ended = cli("scan")
    assert ended.code == 2
    assert "sessiondoctor.yaml:2:8: " in ended.err
    assert "sessiondoctor.yaml:3:1: " in ended.err
    assert "did you mean 'url'" in ended.err


def test_without_words_there_is_help(cli: Cli) -> None:
    """Every command with a line about it, and where to begin."""
    ended = cli()
    text = ended.out + ended.err
    for command in ("scan", "check", "list", "explain", "report", "demo", "schema"):
        assert f"\n  {command} " in text
    assert "sessiondoctor demo" in text


@pytest.mark.parametrize("command", ["scan", "check", "list", "explain", "report", "demo", "schema"])
def test_every_command_explains_itself(cli: Cli, command: str) -> None:
    """Both ways of asking; every option with words."""
    ended = cli(command, "--help")
    assert ended.code == 0
    assert ended.out == cli(command, "-h").out
    assert f"sessiondoctor {command}" in ended.out


def test_the_exit_codes_are_in_the_help(cli: Cli) -> None:
    """Where a pipeline's author looks."""
    text = " ".join(cli("scan", "--help").out.split())
    for code in (
        "0 nothing",
        "1 a fault",
        "2 a mistake",
        "3 something could not",
        "4 sessiondoctor",
        "130 interrupted",
    ):
        assert code in text


def test_a_broken_pack_names_its_file(cli: Cli, tmp_path: Path) -> None:
    """Not a traceback: whoever writes a check needs the place and what was expected."""
    path = write_module(tmp_path, "broken", "x = (\n")
    ended = cli("list", "--pack", tmp_path)
    assert ended.code == 4
    assert ended.err.startswith(f"sessiondoctor: {path}: cannot be loaded: SyntaxError")
    assert "Traceback" not in ended.err


def test_a_bug_of_ours_has_a_code_of_its_own(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    """4, with the traceback to report."""

    def fails(*_: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr("sessiondoctor.cli.listing._lines", fails)
    ended = cli("list")
    assert ended.code == 4
    assert "ZeroDivisionError" in ended.err
    assert ended.err.rstrip().endswith("this is a bug, please report the lines above")


def test_a_pack_adds_to_the_catalogue(cli: Cli, tmp_path: Path) -> None:
    """In `list` and `explain`."""
    write_check(tmp_path, "keys_vanish", needs="visits: Visits")
    assert "  keys-vanish " in cli("list", "--pack", tmp_path).out
    assert "What it looks at." in cli("explain", "keys-vanish", "--pack", tmp_path).out


def test_ctrl_c_while_the_program_starts(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    """No traceback, and the code of an interrupt; during a scan there is a report (`test_scan_trouble`)."""

    def interrupted() -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("sessiondoctor.cli.app.run", interrupted)
    ended = cli("list")
    assert (ended.code, ended.out, ended.err) == (130, "", "sessiondoctor: interrupted\n")
