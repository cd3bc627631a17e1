"""Scans that cannot see much: a clear line each, exit code 2 or 3, in time, and never a traceback."""

from __future__ import annotations

import json
import signal
import socket
import subprocess
import sys
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pytest

from tests.fakes.hostile_servers import zoo_thread
from tests.fakes.silent_peers import answering, listening, port_of, refused_port, visitors

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

    Cli = Callable[..., Any]

DEADLINE_S = 5.0
LATE_S = 30.0  # start, judging and writing, on a busy machine; without a deadline they would last for minutes
HURRY = ("--timeout", "2")

# What one line of the report must say; nothing, where there is an answer of some kind.
HOSTILE = {
    "silent": "no answer within 2 s",
    "slow-head": "no complete response within 2 s",
    "redirect-loop": "more than 5 redirects in a row",
    "head-bomb": "over 65536 bytes",
    "long-header-line": "over 65536 bytes",
    "many-cookies": "over 65536 bytes",
    "garbage-status": "its status line is not HTTP/1",
    "another-protocol": "it does not answer in HTTP/1",
    "closed-at-once": "closed the connection without an answer",
    "closed-in-body": "closed the connection in the middle of its response",
    "reset": "connection reset by peer",
    "plain-to-tls": "it does not speak TLS on this port",
    "endless-body": "",
    "endless-chunks": "",
    "gzip-bomb": "",
    "escapes": "",
    "hostile-charset": "",
}


@pytest.fixture(scope="module")
def zoo() -> Iterator[Mapping[str, str]]:
    """Hostile servers."""
    with zoo_thread() as behaviours:
        yield behaviours


def scanned(cli: Cli, target: str, deadline_s: float = DEADLINE_S) -> tuple[int, dict[str, Any]]:
    """Exit code and JSON report of a scan that is in a hurry; checks what all of them promise."""
    began = time.monotonic()
    ended = cli("scan", target, *HURRY, "--deadline", deadline_s, "-f", "json")
    assert time.monotonic() - began < deadline_s + LATE_S
    assert "Traceback" not in ended.err
    assert ended.out, ended.err
    report: dict[str, Any] = json.loads(ended.out)
    assert "Traceback" not in ended.out
    assert [finding for finding in report["findings"] if finding["status"] == "error"] == []
    assert report["exit_code"] == ended.code
    return ended.code, report


def lines(report: dict[str, Any], subject: str = "") -> list[str]:
    """Summary and reason of a report's findings, of one subject or of all."""
    findings = (finding for finding in report["findings"] if subject in {"", finding["subject"]})
    return [f"{finding['summary']}: {finding['reason']}" for finding in findings]


@pytest.mark.parametrize("behaviour", HOSTILE)
def test_a_hostile_site(cli: Cli, zoo: Mapping[str, str], behaviour: str) -> None:
    """Whatever it does, the scan ends in time and says what it met; a site that was not seen never passes."""
    code, report = scanned(cli, zoo[behaviour])
    assert code == 3
    assert report["verdict"] == "not-enough-access"
    assert HOSTILE[behaviour] in "\n".join(lines(report))
    assert "\x1b" not in json.dumps(report, ensure_ascii=False)


def test_a_port_that_refuses(cli: Cli) -> None:
    """Said in one line, with the place."""
    port = refused_port()
    code, report = scanned(cli, f"http://127.0.0.1:{port}/")
    assert code == 3
    assert any(f"127.0.0.1:{port}" in line and "refused" in line for line in lines(report))


def test_a_name_that_does_not_resolve(cli: Cli) -> None:
    """`.invalid` never does (RFC 6761)."""
    code, report = scanned(cli, "http://shop.invalid/")
    assert code == 3
    assert any("shop.invalid" in line for line in lines(report))


def test_a_name_server_that_does_not_answer(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    """The system's lookup cannot be ended; the scan does not wait for it, nor does the end of the program."""

    def hangs(*_: object, **__: object) -> list[Any]:
        time.sleep(2)
        return []

    monkeypatch.setattr(socket, "getaddrinfo", hangs)
    code, report = scanned(cli, "http://shop.test/", deadline_s=0.5)
    assert (code, report["complete"]) == (3, False)


def test_the_text_report_says_so_too(cli: Cli) -> None:
    """Which is what somebody in a hurry reads."""
    port = refused_port()
    ended = cli("scan", f"http://127.0.0.1:{port}/", *HURRY)
    assert ended.code == 3
    assert f"127.0.0.1:{port}" in ended.out
    assert "refused" in ended.out
    assert ended.err == ""


STORE = """version: 1
site: {{url: "http://127.0.0.1:{site}/"}}
stores: [{{name: sessions, kind: redis, url: "redis://{user}127.0.0.1:{port}/0"}}]
"""


@pytest.mark.parametrize(
    ("user", "answer", "words"),
    [
        ("", b"-NOAUTH Authentication required.\r\n", "password"),
        (":wrong-password@", b"-WRONGPASS invalid username-password pair.\r\n" * 2, "password"),
        ("", b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n", "Redis"),
        ("", b"ERROR\r\n", "Redis"),
        ("", b"$-5\r\n", "Redis"),
        ("", b"*1000000000\r\n" * 100, "Redis"),
        ("", b"\x15\x03\x01\x00\x02\x02\x46", "Redis"),
    ],
)
def test_a_store_that_does_not_let_us_look(cli: Cli, tmp_path: Path, user: str, answer: bytes, words: str) -> None:
    """It demands a password, or is no Redis at all: said of the store, and no password in any output."""
    with answering(answer) as port:
        (tmp_path / "t.yaml").write_text(STORE.format(site=refused_port(), port=port, user=user))
        code, report = scanned(cli, "t.yaml")
    assert code == 3
    said = [
        line
        for line, finding in zip(lines(report), report["findings"], strict=True)
        if finding["subject"] == "sessions"
    ]
    assert any(words in line for line in said)
    assert "wrong-password" not in json.dumps(report)


def test_a_store_that_says_nothing(cli: Cli, tmp_path: Path) -> None:
    """It accepts, and is silent: the scan ends in time."""
    with listening() as store:
        (tmp_path / "t.yaml").write_text(STORE.format(site=refused_port(), port=port_of(store), user=""))
        code, report = scanned(cli, "t.yaml", deadline_s=0.5)
    assert code == 3
    assert any("the deadline of 0.5 s cut the scan short" in line for line in lines(report, "sessions"))


EVERYTHING = """version: 1
site:
  url: "http://127.0.0.1:{0}/"
  flow:
    write: {{method: POST, path: /cart, form: {{item: "{{marker}}"}}}}
    read: {{path: /cart, expect: "{{marker}}"}}
load_balancers: [{{name: edge, kind: haproxy, stats: "http://127.0.0.1:{1}/stats"}}]
nodes: [{{name: app1, url: "http://127.0.0.1:{2}/"}}, {{name: app2, url: "http://127.0.0.1:{2}/"}}]
stores: [{{name: sessions, kind: redis, url: "redis://127.0.0.1:{3}/0"}}]
dns: {{name: shop.invalid, resolvers: ["127.0.0.1:{3}"]}}
"""


def test_a_plan_contacts_nobody(cli: Cli, tmp_path: Path) -> None:
    """It says who would be, how often, for what."""
    with listening() as site, listening() as stats, listening() as node, listening() as store:
        servers = (site, stats, node, store)
        ports = tuple(map(port_of, servers))
        (tmp_path / "t.yaml").write_text(EVERYTHING.format(*ports))
        ended = cli("scan", "t.yaml", "--plan")
        time.sleep(0.05)
        assert [visitors(server) for server in servers] == [0, 0, 0, 0]
    assert (ended.code, ended.err) == (0, "")
    assert ended.out.startswith("Nothing was contacted.")
    for server in ports:
        assert f"127.0.0.1:{server}" in ended.out


GROWING = """\
version: 1
site:
  url: http://127.0.0.1:1/
  flow:
    write: {method: POST, path: /cart, form: {item: "{marker}"}}
    read: {path: /cart, expect: "{marker}"}
    grow: {method: POST, path: /blob, form: {size: "{bytes}"}}
"""


def test_a_plan_says_what_needs_more_consent(cli: Cli, tmp_path: Path) -> None:
    """Without it the option is named; with it that is part of the plan."""
    (tmp_path / "t.yaml").write_text(GROWING)
    plain = cli("scan", "t.yaml", "--plan").out
    assert "(--allow observe):" in plain
    assert "grown from 1 KiB to 64 KiB" in plain
    assert "sessions above 64 KiB are not tried; add --allow interact" in plain
    more = cli("scan", "t.yaml", "--plan", "--allow", "interact").out
    assert "(--allow interact):" in more
    assert "grown from 1 KiB to 1536 KiB" in more
    assert "not tried" not in more
    assert cli("check", "session-lost-when-large", "-t", "t.yaml", "--plan", "--allow", "disrupt").code == 0


@pytest.mark.parametrize("with_store", [False, True])
def test_ctrl_c_writes_what_was_seen(tmp_path: Path, *, with_store: bool) -> None:
    """Within a second: a partial report that says so, exit code 130, no traceback."""
    with listening() as site, listening() as store:
        target = f"http://127.0.0.1:{port_of(site)}/"
        if with_store:
            (tmp_path / "t.yaml").write_text(STORE.format(site=port_of(site), port=port_of(store), user=""))
            target = str(tmp_path / "t.yaml")
        command = [sys.executable, "-m", "sessiondoctor", "scan", target, "-f", "json"]
        with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as scan, visitor(site):
            time.sleep(0.3)
            began = time.monotonic()
            scan.send_signal(signal.SIGINT)
            out, err = scan.communicate(timeout=10)
            assert time.monotonic() - began < LATE_S
    assert (scan.returncode, err) == (130, b"")
    report = json.loads(out)
    assert (report["complete"], report["exit_code"]) == (False, 130)
    assert {finding["reason"] for finding in report["findings"] if finding["status"] == "skipped"} == {"interrupted"}


@contextmanager
def visitor(server: socket.socket) -> Iterator[None]:
    """Waits until somebody has connected, and keeps the connection open and silent."""
    server.settimeout(10)
    peer, _ = server.accept()
    with peer:
        yield


FLOW = "{write: {path: /cart, method: POST, form: {item: '{marker}'}}, read: {path: /cart, expect: '{marker}'}}"


def test_the_flow_alone_is_run_and_shown(cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each step with its status, and what stood in the way."""
    monkeypatch.chdir(tmp_path)
    file = tmp_path / "t.yaml"
    with answering(b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 2\r\n\r\nok") as port:
        file.write_text(f"site: {{url: 'http://127.0.0.1:{port}/', flow: {FLOW}}}\n", encoding="utf-8")
        ended = cli("scan", file.name, "--rehearse")
        bare = cli("scan", f"http://127.0.0.1:{port}/", "--rehearse")
    assert ended.code == 3
    assert "Through the entry, by one client on one connection:" in ended.out
    assert "write      POST /cart  200" in ended.out
    assert "The flow is not understood: GET /cart: the expected text is not there" in ended.out
    assert (bare.code, bare.out.partition(".")[0]) == (0, "The site gives pages")
    refused = cli("scan", f"http://127.0.0.1:{refused_port()}/", "--rehearse")
    assert (refused.code, "connection refused: is the port right" in refused.out) == (3, True)
