"""What HAProxy's `show table` prints."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from typer.testing import CliRunner

from sessiondoctor.captures.stick_tables import looks_like_table, read_tables
from sessiondoctor.cli.app import app
from sessiondoctor.redact import Redactor

if TYPE_CHECKING:
    from pathlib import Path

TABLE = """$ echo "show table app" | socat stdio /run/haproxy.sock
# table: app, type: string, size:102400, used:3
0x55d0a0: key=aaaaaaaa use=0 exp=3592000 shard=0 server_id=1 server_key=app1
0x55d0b0: key=bbbbbbbb use=0 exp=1000 shard=0 server_id=2 server_key=app2 gpc0=4
0x55d0c0: key=192.0.2.7 use=0 exp=500 server_id=2

# table: rate, type: ip, size:100, used:100
"""


def test_a_table_and_its_entries_are_read() -> None:
    """Size, use, the longest life, and each key's server; keys are tokens."""
    app_table, rate = read_tables(TABLE, "edge", "table.txt", Redactor())
    assert (app_table.name, app_table.size, app_table.used, app_table.shown) == ("app", 102_400, 3, 3)
    assert (app_table.longest_s, app_table.at.line) == (3592.0, 2)
    assert sorted(app_table.servers.values()) == ["2", "app1", "app2"]
    assert "aaaaaaaa" not in repr(app_table) + str(app_table.servers)
    assert (rate.size, rate.used, rate.shown, rate.longest_s) == (100, 100, 0, None)


@pytest.mark.parametrize(("text", "known"), [(TABLE, True), ("# table: of contents\n", False), ("", False)])
def test_it_is_recognised_by_its_heading(text: str, known: bool) -> None:  # noqa: FBT001
    """Whatever command stands before it."""
    assert looks_like_table(text) is known


def test_judge_compares_the_tables_of_two_balancers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The same clients, kept on other servers."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a").write_text(TABLE)
    (tmp_path / "b").write_text(TABLE.replace("app1", "app9"))
    words = ["judge", "edge1=a", "edge2=b", "--symptom", "logged-out-at-random", "-f", "json"]
    report = json.loads(CliRunner().invoke(app, words).stdout)
    assert report["diagnosis"][0]["cause"] == "lb-peers-not-shared"
    assert set(report["diagnosis"][0]["where"]) == {"edge1", "edge2"}
