"""What is loaded before the first word is shown."""

from __future__ import annotations

import subprocess
import sys

import pytest

import sessiondoctor
from tests.fakes.silent_peers import answering

HEAVY = {"asyncio", "httpx", "redis", "pydantic", "rich", "yaml", "dns", "ntplib", "h11", "ssl"}
PROGRAM = """
import sys
before = set(sys.modules)
sys.argv = ["sessiondoctor", *{words!r}]
from sessiondoctor.cli import main
try:
    main()
except SystemExit:
    pass
print(*sorted({{name.partition(".")[0] for name in set(sys.modules) - before}}), file=sys.stderr)
"""


def run(*words: str) -> tuple[str, set[str]]:
    """What a run writes, and the top-level modules it loads in a fresh interpreter."""
    command = [sys.executable, "-c", PROGRAM.format(words=words)]
    done = subprocess.run(command, check=True, capture_output=True, text=True, timeout=20)
    return done.stdout, set(done.stderr.split())


@pytest.mark.parametrize("words", [(), ("--help",), ("-h",)])
def test_the_help_loads_the_command_line_only(words: tuple[str, ...]) -> None:
    """No library of a scan, and no rich."""
    out, loaded = run(*words)
    assert "scan" in out
    assert not loaded & HEAVY


def test_the_help_of_a_command_loads_the_command_line_only() -> None:
    """Likewise."""
    out, loaded = run("scan", "--help")
    assert "--fail-on" in out
    assert "typer" in loaded
    assert not loaded & HEAVY


@pytest.mark.parametrize("words", [("--version",), ("-V",), ("--version", "scan")])
def test_the_version(words: tuple[str, ...]) -> None:
    """It is an option like others."""
    command = [sys.executable, "-m", "sessiondoctor", *words]
    done = subprocess.run(command, check=True, capture_output=True, text=True, timeout=20)
    assert done.stdout == f"sessiondoctor {sessiondoctor.__version__}\n"


def test_a_scan_loads_no_list_of_public_suffixes_in_vain() -> None:
    """Without a Domain attribute nobody asks which domains span owners."""
    with answering(b"HTTP/1.1 200 OK\r\nSet-Cookie: SID=31d4; Path=/\r\nContent-Length: 0\r\n\r\n") as port:
        out, loaded = run("scan", f"http://127.0.0.1:{port}/", "--requests", "6", "--format", "json")
    assert '"complete": true' in out
    assert "h11" in loaded
    assert "publicsuffixlist" not in loaded
