"""Sockets on servers that none of us wrote: Socket.IO and an MCP server behind HAProxy and nginx."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx
import pytest
import yaml

from tests.lab.ports import Ports
from tests.lab.process import Command, Process, Program
from tests.lab.products import mcp_server, socket_io
from tests.lab.products.product import Node, Place

if TYPE_CHECKING:
    from collections.abc import Iterator

HAPROXY = """\
global
  maxconn 200
defaults
  mode http
  timeout connect 2s
  timeout client 60s
  timeout server 60s
frontend turns
  bind 127.0.0.1:{turns}
  default_backend chat_turns
backend chat_turns
  server app1 127.0.0.1:{chat1}
  server app2 127.0.0.1:{chat2}
frontend sticky
  bind 127.0.0.1:{sticky}
  default_backend chat_sticky
backend chat_sticky
  cookie SRV insert indirect nocache
  server app1 127.0.0.1:{chat1} cookie app1
  server app2 127.0.0.1:{chat2} cookie app2
frontend tools
  bind 127.0.0.1:{tools}
  default_backend tools
backend tools
  server app1 127.0.0.1:{tools1}
  server app2 127.0.0.1:{tools2}
frontend tool
  bind 127.0.0.1:{tool}
  default_backend tool
backend tool
  server app1 127.0.0.1:{tools1}
frontend impatient
  bind 127.0.0.1:{impatient}
  timeout client 4s
  default_backend impatient
backend impatient
  timeout tunnel 4s
  server app1 127.0.0.1:{chat1}
"""
NGINX = """\
{user}
daemon off;
worker_processes 1;
pid {home}/nginx.pid;
error_log {home}/error.log;
events {{}}
http {{
  access_log off;
  client_body_temp_path {home}/body; proxy_temp_path {home}/proxy;
  fastcgi_temp_path {home}/f; uwsgi_temp_path {home}/u; scgi_temp_path {home}/s;
  server {{
    listen 127.0.0.1:{stripping};
    location / {{ proxy_pass http://127.0.0.1:{chat1}; proxy_set_header Host $http_host; }}
  }}
}}
"""
NAMES = (
    "turns", "sticky", "tools", "tool", "impatient", "stripping", "chat1", "chat2", "tools1", "tools2",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Chat:
    """Ports by name, and a folder."""

    ports: Mapping[str, int]
    home: Path

    def url(self, name: str) -> str:
        """The URL of a frontend or a node."""
        return f"http://127.0.0.1:{self.ports[name]}/"

    def scan(self, name: str, path: str, *words: str, nodes: tuple[str, ...] = ()) -> Any:
        """The report of a scan that knows the URL, the path of the socket, and perhaps nodes."""
        topology: dict[str, Any] = {"version": 1, "site": {"url": self.url(name), "flow": {"websocket": path}}}
        topology["nodes"] = [{"name": node, "url": self.url(node)} for node in nodes]
        (self.home / f"{name}.yaml").write_text(yaml.safe_dump(topology))
        done = subprocess.run(
            [sys.executable, "-m", "sessiondoctor", "scan", f"{name}.yaml", "-f", "json", *words],
            cwd=self.home, capture_output=True, text=True, timeout=120, check=False,
        )  # fmt: skip
        assert done.stdout.startswith("{"), done.stderr
        return json.loads(done.stdout)


def first(report: Any) -> str:
    """The first diagnosis; empty without one."""
    return report["diagnosis"][0]["cause"] if report["diagnosis"] else ""


@pytest.fixture(scope="module")
def chat(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Chat]:
    """All servers, until the last test of the module."""
    home = tmp_path_factory.mktemp("sockets")
    claims = Ports()
    ports = {name: claims.take() for name in NAMES}
    values = {**ports, "home": home, "user": "user root;" if os.geteuid() == 0 else ""}
    (home / "haproxy.cfg").write_text(HAPROXY.format(**values))
    (home / "nginx.conf").write_text(NGINX.format(**values))
    nginx = (Program("nginx", "nginx-light").path(), "-p", str(home), "-e", str(home / "error.log"))
    with ExitStack() as running:
        running.callback(claims.release)
        for node in nodes(ports, home):
            folder = home / node.name
            folder.mkdir()
            start(running, node.name, node.prepare(folder), folder, node.port)
        haproxy = Command((Program("haproxy", "haproxy").path(), "-db", "-f", str(home / "haproxy.cfg")))
        start(running, "haproxy", haproxy, home, ports["turns"])
        start(running, "nginx", Command((*nginx, "-c", str(home / "nginx.conf"))), home, ports["stripping"])
        yield Chat(ports, home)


def nodes(ports: Mapping[str, int], home: Path) -> list[Node]:
    """Two of each product."""
    made = {"chat": socket_io.node, "tools": mcp_server.node}
    return [
        make(Place(f"{kind}{number}", ports[f"{kind}{number}"], home, home, "secret", "own", shared=False))
        for kind, make in made.items()
        for number in (1, 2)
    ]


def start(running: ExitStack, name: str, command: Command, home: Path, port: int) -> None:
    """Run a server until the end; it is there when it accepts connections and answers."""
    process = Process(name, command, home)
    running.callback(process.stop)
    process.wait_until(lambda: answers(port))


def answers(port: int) -> bool:
    """Whether somebody speaks HTTP."""
    try:
        return httpx.get(f"http://127.0.0.1:{port}/", timeout=2).status_code > 0
    except httpx.HTTPError:
        return False


@pytest.mark.parametrize("known", [(), ("chat1", "chat2")])
def test_polling_behind_turns(chat: Chat, known: tuple[str, ...]) -> None:
    """A naive client is refused; so says the report, from the URL and the path, and with nodes."""
    opened = httpx.get(chat.url("turns") + "socket.io/?EIO=4&transport=polling").text
    sid = opened.split('"sid":"')[1].split('"')[0]
    again = f"{chat.url('turns')}socket.io/?EIO=4&transport=polling&sid={sid}"
    assert {httpx.post(again, content="40").status_code for _ in range(2)} == {200, 400}
    report = chat.scan("turns", "/socket.io/", nodes=known)
    assert (first(report), report["exit_code"]) == ("websocket-no-affinity", 1)


def test_polling_with_affinity(chat: Chat) -> None:
    """Browsers are kept: no fault. That clients without cookies are lost is advice."""
    report = chat.scan("sticky", "/socket.io/")
    assert report["diagnosis"] == []
    failed = {finding["check"] for finding in report["findings"] if finding["status"] == "fail"}
    assert failed == {"socket-lost-without-cookies"}


def test_a_proxy_without_upgrade(chat: Chat) -> None:
    """Polling works, the WebSocket does not."""
    report = chat.scan("stripping", "/socket.io/", nodes=("chat1",))
    assert (first(report), report["exit_code"]) == ("websocket-timeout-or-upgrade", 1)
    assert "chat1 itself accepts them" in report["diagnosis"][0]["because"][0]["summary"]


def test_an_impatient_proxy(chat: Chat) -> None:
    """`timeout tunnel 4s` shorter than the server's ping; held only where the user consents."""
    report = chat.scan("impatient", "/socket.io/", "--allow", "interact", "--deadline", "25")
    assert first(report) == "websocket-timeout-or-upgrade"
    (cut,) = [one for one in report["findings"] if one["check"] == "socket-cut-when-idle"]
    assert 3.5 <= cut["seen"]["quiet_s"] <= 5.0


def test_an_mcp_server_with_two_replicas(chat: Chat) -> None:
    """Its session travels in a header, and each replica has its own."""
    report = chat.scan("tools", "/mcp")
    assert (first(report), report["exit_code"]) == ("header-session-without-affinity", 1)


def test_an_mcp_server_alone(chat: Chat) -> None:
    """Healthy."""
    report = chat.scan("tool", "/mcp")
    assert report["diagnosis"] == []
    assert not [finding for finding in report["findings"] if finding["status"] == "fail"]
