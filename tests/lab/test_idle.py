"""`sessiondoctor idle` on real servers: a store, a cookie, affinity and a token, each with an end of its own."""

from __future__ import annotations

import base64
import json
import os
import subprocess
import sys
import time
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from tests.lab.servers.express import Express
from tests.lab.servers.haproxy import HAProxy
from tests.lab.servers.redis import Redis
from tests.lab.workspace import Workspace

if TYPE_CHECKING:
    from pathlib import Path

STORE_S, COOKIE_S, AFFINITY_S, TOKEN_S = 40, 60, 20, 90


def token() -> str:
    """A JSON Web Token that lives `TOKEN_S`; nobody verifies it here."""
    now = int(time.time())
    parts: list[dict[str, Any]] = [{"alg": "HS256", "typ": "JWT"}, {"iat": now, "exp": now + TOKEN_S}]
    texts = [base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=").decode() for part in parts]
    return ".".join([*texts, base64.urlsafe_b64encode(b"x" * 32).rstrip(b"=").decode()])


class Edge(HAProxy):
    """HAProxy that also gives the application's cookie an end, and a token."""

    def prepare(self, home: Path) -> Any:
        """Two more lines of the frontend."""
        command = super().prepare(home)
        config = home / "haproxy.cfg"
        lines = [
            f"  http-response replace-header Set-Cookie (connect.sid=.*) '\\1; Max-Age={COOKIE_S}'",
            f"  http-response add-header Set-Cookie 'token={token()}; Path=/' unless {{ res.cook(none) -m found }}",
        ]
        config.write_text(
            config.read_text().replace("  default_backend app", "\n".join([*lines, "  default_backend app"]))
        )
        return command


def described(workspace: Workspace, edge: HAProxy, nodes: tuple[Express, ...], store: Redis) -> Path:
    """The topology file."""
    flow = {
        "write": {"method": "POST", "path": "/cart", "form": {"item": "{marker}"}},
        "read": {"path": "/cart", "expect": "{marker}"},
        "node": {"header": "X-Served-By"},
    }
    topology = {
        "version": 1,
        "site": {"url": f"http://127.0.0.1:{edge.port}/", "flow": flow},
        "nodes": [{"name": node.name, "url": node.url, "store": "sessions"} for node in nodes],
        "stores": [{"name": "sessions", "kind": "redis", "url": store.url()}],
    }
    file = workspace.directory / "sessiondoctor.yaml"
    file.write_text(yaml.safe_dump(topology))
    return file


def run(topology: Path, *words: str, seconds: float = 300) -> Any:
    """The command's document."""
    done = subprocess.run(
        [sys.executable, "-m", "sessiondoctor", "idle", topology.name, "--json", "--quiet", *words],
        cwd=topology.parent, env={**os.environ}, capture_output=True, text=True, timeout=seconds, check=False,
    )  # fmt: skip
    assert done.stdout.startswith("{"), done.stderr
    return json.loads(done.stdout), done.returncode


@pytest.mark.thorough
@pytest.mark.timeout(400)
def test_four_ends_in_one_run() -> None:
    """Each within 5 %."""
    with Workspace() as workspace:
        store = Redis("redis", workspace.port(6379), password="idle-password")
        workspace.start(store)
        express = Express("app1", store_url=store.url(), secret="one secret for all", ttl=STORE_S)
        nodes = tuple(replace(express, name=name, port=workspace.port(3000)) for name in ("app1", "app2"))
        workspace.start(*nodes)
        edge = Edge(
            port=workspace.port(80), stats_port=workspace.port(8404), affinity="insert",
            lifetimes=f"maxidle {AFFINITY_S}s", servers=tuple((node.name, node.port) for node in nodes),
        )  # fmt: skip
        workspace.start(edge)
        document, code = run(described(workspace, edge, nodes, store), "--up-to", "100s")
    ends = {row["what"]: row for row in document["ends"]}
    session, affinity = ends["session"], ends["affinity (cookie SRV)"]
    assert session["kept_s"] < STORE_S + 0.5
    assert STORE_S - 0.5 < session["lost_s"] <= session["kept_s"] * 1.1
    assert session["renewed_by_use"] is True
    # HAProxy counts in steps of 4 s: what it calls 20 s is up to 24.
    assert affinity["kept_s"] < AFFINITY_S + 4.5
    assert AFFINITY_S < affinity["lost_s"] <= affinity["kept_s"] * 1.25
    assert affinity["renewed_by_use"] is True
    assert ends["cookie connect.sid"]["lost_s"] == COOKIE_S
    assert ends["token in cookie token"]["lost_s"] == TOKEN_S
    assert abs(ends["store sessions (sess:*)"]["lost_s"] - STORE_S) <= 1
    assert code == 1
    assert any("forgets its client" in warning for warning in document["warnings"])
