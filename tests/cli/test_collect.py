"""`collect` and `judge BUNDLE`: the same report as on the spot, and no secret on the way."""

from __future__ import annotations

import io
import json
import zipfile
from typing import TYPE_CHECKING, Any

import pytest
from typer.testing import CliRunner

from sessiondoctor.cli.app import app
from sessiondoctor.demo.cluster import cluster

if TYPE_CHECKING:
    from pathlib import Path

PLANTED = "hunter2-hunter2"


def run(*words: str) -> Any:
    """One command."""
    return CliRunner().invoke(app, words)


def test_a_bundle_is_judged_as_on_the_spot(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Elsewhere, when the cluster is gone; what is planted as a secret is in no byte of it."""
    monkeypatch.setenv("PLANTED", PLANTED)
    with cluster("signing-secret-mismatch") as running:
        text = running.topology.read_text(encoding="utf-8")
        headers = '\n  headers: {X-Token: "${PLANTED}", Cookie: "a=' + PLANTED + 'x"}   # ' + PLANTED + "y"
        topology = running.topology.with_name("planted.yaml")
        topology.write_text(text.replace("\nsite:", f"\nsite:{headers}", 1), encoding="utf-8")
        file = tmp_path / "b.zip"
        done = run("collect", str(topology), "-o", str(file), "-q")
        assert done.exit_code == 0, done.output
    monkeypatch.delenv("PLANTED")
    with zipfile.ZipFile(io.BytesIO(file.read_bytes())) as archive:
        assert not any(PLANTED.encode() in archive.read(name) for name in archive.namelist())
    assert file.stat().st_size < 1_000_000
    report = json.loads(run("judge", str(file), "-f", "json").stdout)
    assert [one["cause"] for one in report["diagnosis"]] == ["signing-secret-mismatch"]
    assert (report["target"], report["exit_code"]) == (str(topology), 1)
    assert any(finding["at"] for finding in report["findings"]) or report["requests"]


def test_a_bundle_of_a_url_needs_no_topology(tmp_path: Path) -> None:
    """Nobody answers there: that is what it says."""
    file = tmp_path / "b.zip"
    assert run("collect", "http://127.0.0.1:9/", "-o", str(file), "-q").exit_code == 3
    report = json.loads(run("judge", str(file), "-f", "json").stdout)
    assert report["target"] == "http://127.0.0.1:9/"
    assert report["verdict"] == "not-enough-access"


def test_files_beside_a_bundle_add_to_it(tmp_path: Path) -> None:
    """A log line that the scan could not see."""
    file = tmp_path / "b.zip"
    run("collect", "http://127.0.0.1:9/", "-o", str(file), "-q")
    (tmp_path / "a.log").write_text("OOM command not allowed when used memory > 'maxmemory'.\n")
    report = json.loads(run("judge", str(file), str(tmp_path / "a.log"), "-f", "json").stdout)
    assert report["diagnosis"][0]["cause"] == "redis-oom"


@pytest.mark.parametrize("words", [(), ("-o", "no/such/b.zip")])
def test_a_bundle_needs_a_place(words: tuple[str, ...]) -> None:
    """Said before anything is contacted."""
    assert run("collect", "http://127.0.0.1:9/", *words).exit_code != 0


def test_a_bundle_without_names_is_judged_alike(tmp_path: Path) -> None:
    """No name or address of the cluster is in a byte of it; the cause and its probability are the same."""
    files = {word: tmp_path / f"{word}.zip" for word in ("yes", "no")}
    with cluster("signing-secret-mismatch") as running:
        for word, file in files.items():
            assert run("collect", str(running.topology), "-o", str(file), "-q", "--keep-names", word).exit_code == 0
    with zipfile.ZipFile(files["no"]) as archive:
        content = b"\n".join(archive.read(name) for name in archive.namelist())
    assert not [name for name in (b"shop.demo.test", b"demo.test", b"app1", b"app2", b"app3") if name in content]
    assert str(running.topology.parent).encode() not in content
    kept, tokens = (json.loads(run("judge", str(file), "-f", "json").stdout) for file in files.values())
    told = [[(one["cause"], len(one["where"])) for one in report["diagnosis"]] for report in (kept, tokens)]
    assert told[0] == told[1] == [("signing-secret-mismatch", 1)]
    assert kept["verdict"] == tokens["verdict"] == "fault-found"
