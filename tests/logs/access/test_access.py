"""Access logs of the usual products: sessions, nodes, retries, addresses."""

from __future__ import annotations

import gzip
import json
from typing import TYPE_CHECKING, Any

import pytest
from typer.testing import CliRunner

from sessiondoctor.cli.app import app
from sessiondoctor.evidence.access_logs import AccessLog
from sessiondoctor.logs.access.counting import count
from sessiondoctor.logs.access.formats import guess, of_log_format

if TYPE_CHECKING:
    from pathlib import Path

CLF = '[02/Jan/2024:03:04:05 +0000] "GET /cart HTTP/1.1" 200 512 "-" "Mozilla/5.0"'
FORMATS = {
    "nginx with names": "{addr} - - " + CLF + ' upstream={node} cookie="a=b; JSESSIONID={sid}"',
    "nginx bare": "{addr} - - " + CLF + ' "JSESSIONID={sid}" {node} 0.003',
    "haproxy": 'Jan  2 03:04:05 lb haproxy[9]: {addr}:50001 [02/Jan/2024:03:04:05.678] fe be/{node} 0/0/0/1/1 200 123 '
    'JSESSIONID={sid} - --VN 1/1/0/0/0 0/0 "GET /cart HTTP/1.1"',
    "tomcat": "{addr} - - " + CLF + " JSESSIONID={sid}.{node}",
    "traefik": "{addr} - - " + CLF + ' 7 "shop@docker" "http://{node}" 3ms JSESSIONID={sid}',
    "json": '{{"client":"{addr}","status":200,"upstream_addr":"{node}","cookie":"JSESSIONID={sid}"}}',
}  # fmt: skip


def lines(form: str, *requests: tuple[str, str], addr: str = "10.1.1.1") -> bytes:
    """A log of (session, node) pairs."""
    nodes = {"a": "10.0.0.1:8080", "b": "10.0.0.2:8080"} if "tomcat" not in form else {}
    plain = form in {FORMATS["tomcat"], FORMATS["haproxy"]}
    named = ((sid, {"a": "app1", "b": "app2"}[node] if plain else nodes[node]) for sid, node in requests)
    return "".join(form.format(addr=addr, node=node, sid=sid * 16) + "\n" for sid, node in named).encode()


def counted(content: bytes, size: int = 1 << 20) -> AccessLog:
    """What a log shows."""
    form = guess(content.splitlines())
    assert form
    return count((content[at : at + size] for at in range(0, len(content), size)), form, AccessLog("edge", "a.log"))


@pytest.mark.parametrize("form", FORMATS.values(), ids=FORMATS)
@pytest.mark.parametrize("size", [1 << 20, 100])
def test_sessions_and_nodes_are_counted(form: str, size: int) -> None:
    """Two sessions of three came back, one of them to another node."""
    log = counted(lines(form, ("A", "a"), ("B", "a"), ("A", "b"), ("B", "a"), ("C", "b")), size)
    assert (log.lines, log.unread, log.sessions, log.again) == (5, 0, 3, 2)
    assert log.sessions_on_several_nodes == 1
    assert sorted(log.nodes.values()) == [2, 3]
    assert log.cookie == "JSESSIONID"


def test_a_list_of_nodes_is_a_retry() -> None:
    """The last one answered."""
    form = FORMATS["nginx with names"]
    content = (
        lines(form, ("A", "a"), ("A", "a"))
        + form.format(addr="10.1.1.1", node="10.0.0.1:8080, 10.0.0.2:8080", sid="A" * 16).encode()
    )
    log = counted(content)
    assert (log.requests_on_several_nodes, log.sessions_on_several_nodes, log.moved_by_retry) == (1, 1, 1)
    assert log.nodes == {"10.0.0.1:8080": 2, "10.0.0.2:8080": 1}


def test_addresses_and_families_of_a_session() -> None:
    """IPv6 after IPv4."""
    form = FORMATS["nginx with names"]
    log = counted(lines(form, ("A", "a"), ("B", "a")) + lines(form, ("A", "a"), ("B", "a"), addr="2001:db8::1"))
    assert (log.sessions_with_several_addresses, log.sessions_with_both_families) == (2, 2)


@pytest.mark.parametrize(
    "signed",
    [
        "s%3AFny6iDRBGyQYsvpiJDyR4crOu_gpLcv8.IIurAvHGgTWhY2LO1dgj3H7MSgeBcBQdMDssJZDMC54",
        "eyJjYXJ0IjpbMV19.ZZabcd.aB3dEfGhIjKlMnOpQrStUvWxYz0",
        "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk",
    ],
    ids=["express", "flask", "jwt"],
)
def test_a_signature_is_no_node_and_is_in_no_report(tmp_path: Path, signed: str) -> None:
    """It stands where Tomcat's route does."""
    file = tmp_path / "access.log"
    file.write_text("".join(f"10.1.1.{n} - - {CLF} connect.sid={signed}\n" for n in (1, 2)))
    found = CliRunner().invoke(app, ["logs", str(file), "-v", "-f", "json"]).stdout
    (summary,) = json.loads(found)["logs"]
    assert (summary["sessions"], summary["nodes"]) == (1, {})
    assert signed.rpartition(".")[2] not in found


def test_a_long_route_is_a_node() -> None:
    """Such as the name of a pod, as long as a signature."""
    pod = "shop-app-canary-6d5f9c7b84-x2k4z".ljust(43, "0")
    content = f"10.1.1.1 - - {CLF} JSESSIONID={'A' * 16}.{pod}\n".encode()
    assert counted(content * 2).nodes == {pod: 2}


def test_lines_that_do_not_fit_are_counted() -> None:
    """And change nothing."""
    content = lines(FORMATS["tomcat"], ("A", "a"), ("A", "a"), ("A", "a"), ("B", "a")) + b"what is this\n\xff\xfe\n"
    assert (counted(content).lines, counted(content).unread) == (6, 2)


def test_the_log_format_of_nginx_is_understood() -> None:
    """With its own variables."""
    text = '$remote_addr - [$time_local] "$request" $status $upstream_addr $cookie_sid "$http_user_agent"'
    row = '10.1.1.1 - [02/Jan/2024:03:04:05 +0000] "GET / HTTP/1.1" 502 10.0.0.1:80, 10.0.0.2:80 abcdef012345 "curl"\n'
    log = count([row.encode()], of_log_format(text), AccessLog("edge", "a.log"))
    assert (log.unread, log.sessions, log.requests_on_several_nodes, log.statuses) == (0, 1, 1, {"5xx": 1})
    text = '$remote_addr "$http_cookie" $upstream_addr'
    log = count([b'10.1.1.1 "a=b; shop=abcdef012345" 10.0.0.1:80\n'], of_log_format(text, "shop"), AccessLog("e", "a"))
    assert (log.sessions, log.nodes) == (1, {"10.0.0.1:80": 1})


def test_a_log_format_that_says_nothing_is_refused() -> None:
    """With what it should have."""
    with pytest.raises(ValueError, match="remote_addr"):
        of_log_format("$body_bytes_sent $gzip_ratio")


@pytest.mark.parametrize("text", ["", "INFO started\n" * 50, "server { listen 80; }\n"])
def test_what_is_no_access_log_is_not_guessed(text: str) -> None:
    """None."""
    assert guess(text.encode().splitlines()) is None


def report(*words: str) -> dict[str, Any]:
    """The JSON report of a command."""
    found: dict[str, Any] = json.loads(CliRunner().invoke(app, [*words, "-f", "json"]).stdout)
    return found


def many(*, moved: bool) -> bytes:
    """Forty sessions that came back, to the other node or not."""
    pairs = [(f"{n:02}", node) for node in ("a", "b" if moved else "a") for n in range(40)]
    return lines(FORMATS["nginx with names"], *pairs) + lines(FORMATS["nginx with names"], ("zz", "b"))


def test_logs_says_how_many_sessions_moved(tmp_path: Path) -> None:
    """With a symptom it names causes; compressed as well."""
    file = tmp_path / "access.log.gz"
    file.write_bytes(gzip.compress(many(moved=True)))
    found = report("logs", str(file), "--symptom", "logged-out-at-random")
    (summary,) = found["logs"]
    assert (summary["sessions"], summary["sessions_on_several_nodes"], summary["unread_lines"]) == (41, 40, 0)
    assert found["verdict"] == "fault-found"
    assert {one["cause"] for one in found["diagnosis"]} & {"lb-no-affinity", "sticky-cookie-name-mismatch"}
    assert "0000000000" not in json.dumps(found)


def test_sessions_that_keep_to_their_node_are_no_fault(tmp_path: Path) -> None:
    """Recognised by `judge` as well."""
    file = tmp_path / "access.log"
    file.write_bytes(many(moved=False))
    found = report("judge", f"edge={file}")
    assert (found["diagnosis"], found["advice"], found["exit_code"]) == ([], [], 0)
    assert found["logs"][0]["sessions_on_several_nodes"] == 0


def said(*words: str, given: str = "") -> tuple[str, int]:
    """What a person reads, in one line, and the exit code."""
    done = CliRunner().invoke(app, words, input=given)
    return " ".join(done.stdout.split()), done.exit_code


def test_logs_says_what_it_has_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also where that is too little to judge; by the format, the lines, and what they tell."""
    monkeypatch.chdir(tmp_path)
    file = tmp_path / "access.log"
    file.write_bytes(lines(FORMATS["nginx with names"], ("A", "a"), ("A", "b"), ("B", "a")))
    text, _ = said("logs", file.name)
    assert (
        "access.log: 3 lines; 2 sessions, 1 of them on several nodes; "
        "requests by node: 10.0.0.1:8080 (2), 10.0.0.2:8080 (1)"
    ) in text
    text, _ = said("logs", "-", given=f"10.1.1.1 - - {CLF}\n")
    assert "standard input: 1 line; no line has a session id; no line names a node" in text
    text, _ = said("logs", file.name, "--log-format", "$remote_addr [$time_local] $cookie_sid $upstream_addr")
    assert "access.log: 3 lines, none of which fits the format" in text


def test_logs_of_no_known_format_are_not_looked_at(tmp_path: Path) -> None:
    """Exit code 3, as of `judge`; another log that is read makes it 0."""
    file = tmp_path / "hello.txt"
    file.write_text("hello\n")
    assert said("logs", str(file))[1] == 3
    assert said("logs", "-", given="hello\n")[1] == 3
    other = tmp_path / "access.log"
    other.write_bytes(many(moved=False))
    assert said("logs", str(file), str(other))[1] == 0


def test_a_log_that_breaks_off_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Half of a compressed file tells of half of the requests."""
    monkeypatch.chdir(tmp_path)
    file = tmp_path / "access.log.gz"
    whole = gzip.compress(many(moved=False))
    file.write_bytes(whole[: len(whole) // 2])
    assert said("logs", file.name)[0].count("access.log.gz was not read to its end: ") == 1


def test_a_declared_log_is_read_by_a_scan(tmp_path: Path) -> None:
    """`load_balancers[].logs`: lines and sessions."""
    (tmp_path / "access.log").write_bytes(many(moved=True) + b"upstream sent too big header while reading response\n")
    (tmp_path / "app.log").write_text("OOM command not allowed when used memory > 'maxmemory'.\n")
    topology = tmp_path / "t.yaml"
    topology.write_text(
        "version: 1\nsite: {url: 'http://127.0.0.1:9/'}\n"
        "load_balancers: [{name: edge, kind: nginx, logs: access.log}]\nnodes: [{name: app1, logs: app.log}]\n"
    )
    found = report("scan", str(topology))
    failed = {(one["check"], one["subject"]) for one in found["findings"] if one["status"] == "fail"}
    assert {("redis-refused-for-memory", "app1"), ("sessions-meet-several-nodes", "edge")} <= failed
    assert found["logs"][0]["file"].endswith("access.log")
