"""How long until the first answer: `--version`, `--help`, the first byte of a scan; multiples of `python -c pass`.

Run it with the interpreter of an ordinary (not editable) installation, where the modules are compiled:
`path/to/venv/bin/python -m tests.benchmarks.start_up`.
"""

from __future__ import annotations

import socket
import subprocess
import sys
import time
from pathlib import Path

from tests.benchmarks.rounds import compare

_PROGRAM = str(Path(sys.executable).with_name("sessiondoctor"))


def whole(*command: str) -> float:
    """Seconds of a whole process."""
    began = time.perf_counter()
    subprocess.run(command, check=True, capture_output=True, cwd="/")
    return time.perf_counter() - began


def first_byte() -> float:
    """Seconds from the start of the program to the first byte that its target receives."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        url = f"http://127.0.0.1:{server.getsockname()[1]}/"
        began = time.perf_counter()
        with subprocess.Popen(
            [_PROGRAM, "scan", url, "-q"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        ) as scan:
            peer, _ = server.accept()
            peer.recv(1)
            seconds = time.perf_counter() - began
            peer.close()
            scan.kill()
    return seconds


if __name__ == "__main__":
    compare(
        {
            "python -c pass": lambda: whole(sys.executable, "-c", "pass"),
            "sessiondoctor --version": lambda: whole(_PROGRAM, "--version"),
            "sessiondoctor --help": lambda: whole(_PROGRAM, "--help"),
            "scan, first byte": first_byte,
            "python -c 'import typer'": lambda: whole(sys.executable, "-c", "import typer"),
            "python -c 'import typer, asyncio'": lambda: whole(sys.executable, "-c", "import typer, asyncio"),
        },
        rounds=21,
    )
