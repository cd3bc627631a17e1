"""An HTTP server that says only who it is: starts at once, keeps nothing."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tests.lab.process import Command
from tests.lab.readiness import healthy

if TYPE_CHECKING:
    from pathlib import Path


@dataclass(frozen=True, slots=True)
class Echo:
    """One node."""

    name: str
    port: int = 0

    @property
    def url(self) -> str:
        """The node itself, past the balancer."""
        return f"http://127.0.0.1:{self.port}/"

    def prepare(self, home: Path) -> Command:
        """Write the program."""
        program = home / "echo.py"
        program.write_text(PROGRAM)
        return Command((sys.executable, str(program), self.name, str(self.port)))

    def ready(self) -> bool:
        """Whether it answers."""
        return healthy(self.port)


PROGRAM = """\
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

class Node(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        self.send_response(204)
        self.send_header("X-Node", sys.argv[1])
        self.end_headers()

ThreadingHTTPServer(("127.0.0.1", int(sys.argv[2])), Node).serve_forever()
"""
