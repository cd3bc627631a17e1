"""File names that no terminal should get as they are: in reports, in `--plan`, in what is to be pasted."""

from __future__ import annotations

import json
import os
import sys
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Cli = Callable[..., Any]

TOPOLOGY = "version: 1\nsite: {url: 'http://127.0.0.1:1/'}\n"
CONFIG = "upstream app {\n  server a:80;\n  server b:80;\n}\nserver { location / { proxy_pass http://app; } }\n"


def test_the_plan_names_a_file_on_one_line(cli: Cli, tmp_path: Path) -> None:
    """Without what a terminal would obey."""
    file = tmp_path / "shop\x1b[2J\n::error::x.yaml"
    file.write_text(TOPOLOGY)
    ended = cli("scan", file, "--plan")
    assert ended.code == 0
    assert "\x1b" not in ended.out
    assert not any(line.lstrip().startswith("::") for line in ended.out.splitlines())


def test_what_is_to_be_pasted_is_quoted(cli: Cli, tmp_path: Path) -> None:
    """A shell takes it for one word."""
    file = tmp_path / "a b; $(reboot).conf"
    file.write_text(CONFIG)
    ended = cli("judge", file, "--symptom", "logged-out-at-random", "-f", "json", "--fail-on", "never")
    report = json.loads(ended.out)
    commands = [one["verify"] for one in (*report["diagnosis"], *report["advice"])]
    assert commands
    assert all(f"'{file}'" in command for command in commands)


@pytest.mark.skipif(sys.platform != "linux", reason="names are bytes")
@pytest.mark.parametrize("form", ["text", "json", "markdown", "html", "sarif", "junit", "github"])
def test_a_name_that_is_no_utf8(cli: Cli, tmp_path: Path, form: str) -> None:
    """Every format is written, in UTF-8."""
    file = os.fsencode(tmp_path) + b"/n\xffginx.conf"
    with open(file, "wb") as stream:  # noqa: PTH123 - the name is bytes
        stream.write(CONFIG.encode())
    ended = cli("judge", os.fsdecode(file), "-f", f"{form}={tmp_path / 'out'}", "--fail-on", "never")
    assert (ended.code, ended.err) == (0, "")
    written = (tmp_path / "out").read_bytes().decode("utf-8")
    assert "ginx.conf" in written or form == "sarif"  # it names files of findings only
