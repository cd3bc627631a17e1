"""A small HTTP server on loopback in a thread; nodes and balancer are functions from a call to an answer."""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import ssl
    from collections.abc import Iterator

_LARGEST_BODY = 64 * 1024


@dataclass(frozen=True, slots=True)
class Call:
    """One request as it came."""

    method: str
    path: str
    headers: tuple[tuple[str, str], ...]
    body: bytes

    def header(self, name: str) -> str:
        """The first value of a header; empty without one."""
        return next((value for key, value in self.headers if key.lower() == name.lower()), "")


@dataclass(frozen=True, slots=True)
class Answer:
    """One response; `date` replaces the server's own Date."""

    status: int = 200
    body: str = ""
    headers: tuple[tuple[str, str], ...] = ()
    date: str = ""


Application = Callable[[Call], Answer]


@contextmanager
def serve(application: Application, *, tls: ssl.SSLContext | None = None) -> Iterator[int]:
    """Runs an application; yields its port on 127.0.0.1."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(application))
    server.daemon_threads = True
    server.block_on_close = False
    if tls:
        server.socket = tls.wrap_socket(server.socket, server_side=True)
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    try:
        yield server.server_address[1]
    finally:
        server.shutdown()
        server.server_close()


def _handler(application: Application) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        timeout = 10

        def do_GET(self) -> None:
            length = min(int(self.headers.get("content-length") or 0), _LARGEST_BODY)
            call = Call(self.command, self.path, tuple(self.headers.items()), self.rfile.read(length))
            self._reply(application(call))

        do_POST = do_GET  # noqa: N815 - the base class calls it so
        do_HEAD = do_GET  # noqa: N815 - likewise

        def _reply(self, answer: Answer) -> None:
            body = answer.body.encode()
            self.send_response_only(answer.status)
            self.send_header("Date", answer.date or self.date_time_string())
            for name, value in answer.headers:
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(body)

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base class has it so
            """Says nothing."""

    return Handler
