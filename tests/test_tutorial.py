"""The tutorial: every command in it is run, in its order, as somebody would who reads it."""

from __future__ import annotations

import json
import os
import re
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

DOCS = Path(__file__).parents[1] / "docs"
BLOCK = re.compile(r"(?:<!-- (?P<note>[a-z]+)(?: (?P<code>\d+))? -->\n)?```sh\n(?P<script>.*?)```", re.DOTALL)
PATH = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
pytestmark = pytest.mark.timeout(600)


def three_ports() -> int:
    """The first of three ports in a row that nobody uses."""
    for base in range(28000, 30000, 3):
        try:
            for port in range(base, base + 3):
                with socket.create_server(("127.0.0.1", port)):
                    pass
        except OSError:
            continue
        return base
    raise AssertionError("no three free ports in a row")


def wait_for(port: int) -> None:
    """Until somebody answers there."""
    for _ in range(300):
        with socket.socket() as asked:
            if not asked.connect_ex(("127.0.0.1", port)):
                return
        time.sleep(0.1)
    raise AssertionError(f"nobody listens on {port}")


class Reader:
    """Somebody with a terminal in an empty folder."""

    def __init__(self, folder: Path) -> None:
        self.site = three_ports()
        self._folder = folder
        self._server: subprocess.Popen[bytes] | None = None
        (folder / "shop.py").write_text((DOCS / "tutorial" / "shop.py").read_text())
        self._environment = {"PATH": PATH, "HOME": str(folder), "COLUMNS": "100"}

    def types(self, script: str) -> tuple[int, str]:
        """What a command ends with, and what it shows."""
        for number in range(3):
            script = script.replace(str(8000 + number), str(self.site + number))
        done = subprocess.run(
            ["bash", "-euo", "pipefail", "-c", script], cwd=self._folder, env=self._environment, capture_output=True,
            text=True, check=False, timeout=200,
        )  # fmt: skip
        return done.returncode, done.stdout + done.stderr

    def starts(self, script: str) -> None:
        """A program that keeps its terminal; the one before is ended."""
        self.stops()
        script = script.replace("python shop.py", f"exec python shop.py {self.site}")
        self._server = subprocess.Popen(["bash", "-c", script], cwd=self._folder, env=self._environment)
        for number in range(3):
            wait_for(self.site + number)

    def stops(self) -> None:
        """Ctrl-C."""
        if self._server:
            self._server.kill()
            self._server.wait()


def test_every_command_does_what_the_tutorial_says(tmp_path: Path) -> None:
    """Its exit code, and the words of the report that the text quotes."""
    reader = Reader(tmp_path)
    shown: list[str] = []
    try:
        for block in BLOCK.finditer((DOCS / "tutorial.md").read_text()):
            if block["script"].startswith("pip install"):
                continue  # this very version is installed
            if block["note"] == "background":
                reader.starts(block["script"])
                continue
            code, text = reader.types(block["script"])
            assert code == int(block["code"] or 0), f"{block['script']}\n{text}"
            shown.append(text)
    finally:
        reader.stops()
    first, *_, alone, _, with_nodes, after, changed = shown
    before = json.loads((tmp_path / "before.json").read_text())
    assert [one["cause"] for one in before["diagnosis"] if one["probability"] >= 0.5], with_nodes
    assert "Not enough access to tell" in first
    assert "lost" in alone.lower()
    assert re.search(r"(signing-secret-mismatch|secret-regenerated-at-boot)", with_nodes.split("also possible")[0])
    assert "No fault found" in after, after
    assert "gone" in changed.lower(), changed
    assert (tmp_path / "report.html").read_text().startswith("<!doctype html>")
