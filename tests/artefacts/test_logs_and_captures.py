"""`judge` with logs and captures, as people have them in hand."""

from __future__ import annotations

import gzip
import json
from typing import TYPE_CHECKING, Any

import pytest
from typer.testing import CliRunner

from sessiondoctor.cli.app import app

if TYPE_CHECKING:
    from pathlib import Path

OOM = "ReplyError: OOM command not allowed when used memory > 'maxmemory'.\n"
INFO = "redis_version:7.0.15\nrole:master\nused_memory:100\nmaxmemory:100\nmaxmemory_policy:noeviction\n"
STAT = (
    "# pxname,svname,status,weight,chkdown,lastchg,cookie,addr,algo\n"
    "be,app1,UP,1,7,30,app1,10.0.0.1:80,\nbe,app2,UP,1,0,900,app2,10.0.0.2:80,\nbe,BACKEND,UP,2,0,900,SRV,,roundrobin\n"
)


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder we are in."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def report(*words: str, stdin: bytes = b"") -> dict[str, Any]:
    """The JSON report of `judge`."""
    found: dict[str, Any] = json.loads(CliRunner().invoke(app, ["judge", *words, "-f", "json"], input=stdin).stdout)
    return found


def test_one_line_is_enough(folder: Path) -> None:
    """A loss was seen: the cause is a diagnosis, at its line, of the named node."""
    (folder / "a").write_text(f"started\n{OOM}")
    found = report("app1=a")
    assert (found["verdict"], found["exit_code"]) == ("fault-found", 1)
    assert (found["diagnosis"][0]["cause"], found["diagnosis"][0]["where"]) == ("redis-oom", ["app1"])
    (finding,) = [one for one in found["findings"] if one["status"] == "fail"]
    assert (finding["at"]["file"], finding["at"]["line"], finding["seen"]["count"]) == ("a", 2, 1)


def test_standard_input_and_compressed_files_are_read(folder: Path) -> None:
    """By content, whatever they are called."""
    (folder / "old.1").write_bytes(gzip.compress(OOM.encode()))
    for found in (report("old.1"), report("-", stdin=OOM.encode())):
        assert found["diagnosis"][0]["cause"] == "redis-oom"


def test_a_folder_of_everything(folder: Path) -> None:
    """Logs, a capture and a file of something else."""
    (folder / "all").mkdir()
    (folder / "all" / "app.log").write_text("2024-01-02 03:04:05 INFO started\n")
    (folder / "all" / "curl.txt").write_text(
        "$ curl -i https://a.test/\nHTTP/1.1 200 OK\nSet-Cookie: PHPSESSID=0123456789abcdefghijklmnop; SameSite=None\n"
    )
    (folder / "all" / "notes").write_text("call Anna\n")
    found = report("all")
    assert found["diagnosis"][0]["cause"] == "samesite-none-without-secure"
    assert [one["subject"] for one in found["findings"] if one["check"] == "file-not-recognised"] == ["all/notes"]


def test_what_redis_cli_printed_is_judged_like_a_live_server(folder: Path) -> None:
    """By the same checks; a full store is a fault that must cause a loss once a symptom says so."""
    (folder / "info").write_text(INFO)
    found = report("sessions=info", "--symptom", "login-loop")
    assert "oom-errors" in {one["check"] for one in found["findings"] if one["status"] == "fail"}
    assert (found["diagnosis"][0]["cause"], found["diagnosis"][0]["where"]) == ("redis-oom", ["sessions"])


def test_what_haproxy_printed_is_judged_like_its_statistics_page(folder: Path) -> None:
    """A server that goes down again and again."""
    (folder / "stat.csv").write_text(STAT)
    found = report("edge=stat.csv")
    assert "balancer-server-flapping" in {one["check"] for one in found["findings"] if one["status"] == "fail"}


def test_a_capture_and_the_log_beside_it_are_judged_together(folder: Path) -> None:
    """As they were pasted into one report: the log alone would not tell."""
    line = "< Set-Cookie: session=eyJhIjoi.ZZZZZZ.abcdefghijklmnopqrstuvwxyz0; Secure; Path=/     (http://10.0.0.5:30088)\n"
    (folder / "paste").write_text(f"{line}INFO:flask_wtf.csrf:The CSRF session token is missing.\n")
    found = report("paste")
    assert found["diagnosis"][0]["cause"] == "host-or-scheme-split"
    assert found["diagnosis"][0]["probability"] > 0.9


def test_no_secret_gets_out(folder: Path) -> None:
    """Of what is quoted."""
    (folder / "a.log").write_text(f"2024-01-02 03:04:05 session=Xk3jH5kq9sLm2nP4rT6v password=hunter2 {OOM}")
    text = json.dumps(report("a.log"))
    assert "Xk3jH5kq9sLm2nP4rT6v" not in text
    assert "hunter2" not in text


def test_a_damaged_file_gives_what_it_has(folder: Path) -> None:
    """And is no error."""
    (folder / "a.log.gz").write_bytes(gzip.compress(OOM.encode() * 1000)[:60])
    assert report("a.log.gz")["exit_code"] in {0, 1, 3}


def test_logs_without_anything_are_no_all_clear(folder: Path) -> None:
    """They may not show it."""
    (folder / "a.log").write_text("2024-01-02 03:04:05 INFO all is well\n" * 100)
    found = report("a.log")
    assert (found["verdict"], found["diagnosis"]) == ("not-enough-access", [])
