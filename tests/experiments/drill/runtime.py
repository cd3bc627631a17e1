"""A stand-in for HAProxy's runtime API: `show servers state` and `set server`, as version 2.6 answers."""

from __future__ import annotations

import re
import socketserver
import threading
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

COLUMNS = (
    "# be_id be_name srv_id srv_name srv_addr srv_op_state srv_admin_state srv_uweight srv_iweight "
    "srv_time_since_last_change srv_check_status srv_check_result srv_check_health srv_check_state srv_agent_state "
    "bk_f_forced_id srv_f_forced_id srv_fqdn srv_port srvrecord srv_use_ssl srv_check_port srv_check_addr "
    "srv_agent_addr srv_agent_port"
)
STATES = {"ready": 0, "maint": 1, "drain": 8}


@dataclass
class Runtime:
    """What it knows, and what it was told."""

    place: str = ""
    admin: dict[str, int] = field(default_factory=lambda: dict.fromkeys(("app1", "app2", "app3"), 0))
    up: dict[str, bool] = field(default_factory=lambda: dict.fromkeys(("app1", "app2", "app3"), True))
    told: list[str] = field(default_factory=list)
    garbage: str = ""
    deaf: bool = False

    def answer(self, line: str) -> str:
        """To one command."""
        if self.garbage:
            return self.garbage
        if line == "show servers state":
            return "\n".join(["1", COLUMNS, *map(self._row, self.admin)]) + "\n"
        self.told.append(line)
        found = re.fullmatch(r"set server app/(\w+) state (\w+)", line)
        if not found or found[1] not in self.admin:
            return "No such server.\n"
        if not self.deaf:
            self.admin[found[1]] = STATES[found[2]]
        return "\n"

    def _row(self, name: str) -> str:
        state = 2 if self.up[name] else 0
        return f"3 app 1 {name} 10.0.0.{name[-1]} {state} {self.admin[name]} 1 1 5 6 3 4 6 0 0 0 - 3000 - 0 0 - - 0"


@contextmanager
def runtime() -> Iterator[Runtime]:
    """It listens on a port of its own."""
    known = Runtime()

    class Handler(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            self.wfile.write(known.answer(self.rfile.readline().decode().strip()).encode())

    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler) as server:
        known.place = f"tcp://127.0.0.1:{server.server_address[1]}"
        thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
        thread.start()
        try:
            yield known
        finally:
            server.shutdown()
