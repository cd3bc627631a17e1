"""`sessiondoctor mcp`, by the real client: what an assistant may ask, and what it may not."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, Any

import anyio
import pytest
from mcp import Client, StdioServerParameters
from mcp.client.stdio import stdio_client

from sessiondoctor.context import Options
from sessiondoctor.errors import UsageError
from sessiondoctor.mcp_server import Consent
from tests.fakes.silent_peers import answering

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

PAGE = b"HTTP/1.1 200 OK\r\nSet-Cookie: SID=31d4; Path=/\r\nContent-Length: 0\r\n\r\n"
NGINX = "upstream app { server a:80; server b:80; }\nserver { location / { proxy_pass http://app; } }\n"
Ask = tuple[str, dict[str, Any]]


@pytest.fixture
def asked(tmp_path: Path) -> Callable[..., list[tuple[bool, str]]]:
    """Starts a server with these options and asks it; of each answer whether it is an error, and its text."""

    async def run(options: tuple[str, ...], asks: tuple[Ask, ...]) -> list[tuple[bool, str]]:
        words = ["-m", "sessiondoctor", "mcp", "--folder", str(tmp_path), *options]
        there = stdio_client(StdioServerParameters(command=sys.executable, args=words, cwd=str(tmp_path)))
        async with Client(there) as client:
            answers = [await client.call_tool(name, words) for name, words in asks]
            return [(bool(one.is_error), one.content[0].text) for one in answers]  # type: ignore[union-attr]

    return lambda *asks, options=(): anyio.run(run, options, asks)


def test_files_and_texts_are_judged(asked: Callable[..., Any], tmp_path: Path) -> None:
    """A line of a file, a text that somebody pasted; the names are those that were given."""
    (tmp_path / "nginx.conf").write_text(NGINX)
    words = {"symptoms": ["logged-out-at-random"]}
    by_file, by_text = asked(
        ("judge", {"files": ["edge=nginx.conf"], **words}), ("judge", {"texts": {"edge=nginx.conf": NGINX}, **words})
    )
    for error, text in (by_file, by_text):
        assert not error
        report = json.loads(text)
        assert "lb-no-affinity" in {one["cause"] for one in report["diagnosis"]}
        assert report["verdict"] == "fault-found"
        assert "sessiondoctor-" not in text
        assert len(text) < 40_000


def test_a_site_is_scanned_and_no_cookie_is_told(asked: Callable[..., Any]) -> None:
    """The same consent as on the command line: none but to read."""
    with answering(PAGE) as port:
        target = {"target": f"http://127.0.0.1:{port}/", "select": ["cookie-flags-missing"]}
        ((error, text),) = asked(("scan", target), options=("--requests", "4", "--deadline", "20"))
    assert not error
    assert [one["check"] for one in json.loads(text)["failed_findings"]] == ["cookie-flags-missing"]
    assert "31d4" not in text


def test_the_catalogue_is_told(asked: Callable[..., Any]) -> None:
    """Pages and lists; a wrong id says which was meant."""
    cause, check, product, wrong, listed = asked(
        ("explain", {"id": "signing-secret-mismatch"}),
        ("explain", {"id": "cookie-flags-missing"}),
        ("explain", {"id": "grafana"}),
        ("explain", {"id": "signing-secret-mismach"}),
        ("list", {"what": "causes"}),
    )
    assert "## Prove the fix" in cause[1]
    assert "family edge" in check[1]
    assert "Grafana" in product[1]
    assert wrong[0]
    assert "signing-secret-mismatch" in wrong[1]
    assert "signing-secret-mismatch (keys, critical)" in listed[1]


def test_an_assistant_cannot_widen_what_was_allowed(asked: Callable[..., Any], tmp_path: Path) -> None:
    """Not the folder, not the hosts, not standard input, which is the protocol's."""
    (tmp_path / "own.yaml").write_text("version: 1\nsite: {url: 'https://elsewhere.test/'}\n")
    answers = asked(
        ("judge", {"files": ["/etc/passwd"]}),
        ("judge", {"files": ["app1=../../etc/passwd"]}),
        ("judge", {"files": ["-"]}),
        ("judge", {}),
        ("scan", {"target": "https://elsewhere.test/"}),
        ("scan", {"target": "own.yaml"}),
        ("scan", {"target": "/etc/hosts.yaml"}),
        options=("--only", "shop.test"),
    )
    assert [error for error, _ in answers] == [True] * 7
    assert all("root:" not in text for _, text in answers)
    assert "may be read" in answers[0][1]
    assert "may be scanned: shop.test" in answers[4][1]
    assert "may be scanned: shop.test" in answers[5][1]


@pytest.mark.parametrize(
    "more",
    [
        "nodes: [{name: a, management: {kind: jolokia, url: 'http://169.254.169.254/'}}]",
        "nodes: [{name: a, url: 'http://shop.test/', jwks: 'http://169.254.169.254/'}]",
        "load_balancers: [{name: e, kind: haproxy, stats: 'http://169.254.169.254/'}]",
        "time: {servers: ['169.254.169.254:123']}",
        "dns: {name: shop.test, resolvers: ['169.254.169.254:53']}",
        "nodes: [{name: a, config: [/etc/passwd]}]",
        "nodes: [{name: a, logs: [../own.log]}]",
        "load_balancers: [{name: e, kind: haproxy, stats: 'unix:/run/haproxy.sock'}]",
    ],
)
def test_a_topology_file_reaches_no_further(tmp_path: Path, more: str) -> None:
    """Whatever of it names a host or a file; nothing is asked."""
    folder = tmp_path / "deploy"
    folder.mkdir()
    (tmp_path / "own.log").write_text("")
    (folder / "own.yaml").write_text(f"version: 1\nsite: {{url: 'https://shop.test/'}}\n{more}\n")
    consent = Consent(Options(), ("shop.test",), folder)
    with pytest.raises(UsageError, match=r"may be (scanned|read)"):
        consent.topology("own.yaml")


def test_what_a_tool_may_do_is_said(tmp_path: Path) -> None:
    """Clients ask people before a tool that reaches out."""

    async def run() -> dict[str, bool | None]:
        words = ["-m", "sessiondoctor", "mcp", "--folder", str(tmp_path)]
        async with Client(stdio_client(StdioServerParameters(command=sys.executable, args=words))) as client:
            tools = (await client.list_tools()).tools
            return {tool.name: tool.annotations.open_world_hint for tool in tools if tool.annotations}

    assert anyio.run(run) == {"scan": True, "judge": False, "explain": False, "list": False}
