"""What happened to each client, from a scan to a converted report."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from sessiondoctor.model import ClientHistory as History
from sessiondoctor.model import ClientRequest as Request
from sessiondoctor.report import Style, render
from tests.fakes.reports import a_report
from tests.fakes.silent_peers import answering

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Cli = Callable[..., Any]

SECURE = "connect.sid: dropped, Secure set over plain HTTP"
ANSWER = (
    b"HTTP/1.1 200 OK\r\nSet-Cookie: connect.sid=s%3A0123456789abcdefghijklmnopqrstuv.signature; Path=/; Secure"
    b"\r\nContent-Length: 2\r\n\r\nok"
)


@pytest.fixture
def converted(tmp_path: Path) -> Path:
    """A JSON report with one client."""
    file = tmp_path / "r.json"
    client = History("returning 1", "1 request (app1 1)", (Request("app1", "kept", 200, dropped=(SECURE,)),))
    file.write_text(render(a_report(requests=(client,)), "json", Style()))
    return file


def test_conversion_keeps_requests(cli: Cli, converted: Path) -> None:
    """In every format that has room for them; the text report tells them with -v."""
    assert cli("report", converted, "-f", "json").out == converted.read_text()
    for words in (["-f", "markdown"], ["-f", "html"], ["-v"], ["--verbose", "-f", "text"]):
        ended = cli("report", converted, *words)
        assert (ended.code, ended.err) == (0, "")
        assert SECURE in ended.out
    assert "What happened" not in cli("report", converted).out


def test_a_scan_tells_each_request(cli: Cli) -> None:
    """Of a site whose cookie is Secure without TLS: every browser drops it, the raw client does not."""
    with answering(ANSWER) as port:
        cli("check", "cookie-secure-over-http", "-t", f"http://127.0.0.1:{port}/", "-f", "json=r.json", "-q")
        shown = cli("scan", f"http://127.0.0.1:{port}/", "--select", "cookie-secure-over-http", "-v", "-q").out
    document = json.loads((cli("report", "r.json", "-f", "json")).out)
    clients = {client["client"]: client for client in document["requests"]}
    assert {"returning 1", "returning 3", "fresh", "raw"} <= clients.keys()
    assert all(request["dropped"] == [SECURE] for request in clients["returning 1"]["requests"])
    assert "session" not in clients["returning 1"]["requests"][0]
    assert clients["raw"]["requests"][0]["session"].startswith("sid:")
    assert shown.count(SECURE) > 8
    assert "0123456789abcdef" not in shown + json.dumps(document)
