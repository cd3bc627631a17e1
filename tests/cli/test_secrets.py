"""No secret in any output: planted wherever one can be, echoed by every peer, looked for in every format."""

from __future__ import annotations

import base64
import json
import threading
import zipfile
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from socketserver import StreamRequestHandler, ThreadingTCPServer
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, quote_plus

import jsonschema
import pytest

from sessiondoctor.report import FORMATS
from sessiondoctor.report.reader import read_report, report_schema

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from tests.cli.conftest import Ended

    Cli = Callable[..., Ended]

STAGING, NODE, STEP = "st4ging-passw0rd", "n0de+h3ader/value", "st3p-h3ader-value"
USER, FORM, QUERY = "alice-4711@shop.test", "f0rm pass/word&1", "qu3ry-value-of-a-step"
STORE, STATS, SIGNING, TARGET = "st0re@pass:word", "st4ts-page-word", "s1gning-secret-of-app1", "t4rget-query-value"
MANAGEMENT, SECOND, NODES_STORE = "m4nagement@pw", "s3cond-account-pw", "n0de-store-pw"
PLANTED = (STAGING, NODE, STEP, USER, FORM, QUERY, STORE, STATS, SIGNING, TARGET, MANAGEMENT, SECOND, NODES_STORE)
SESSION = "s%3AqX7bPz0kD4mT.w0eR1uT2yU3iO4p"

TOPOLOGY = """
version: 1
site:
  url: http://127.0.0.1:{http}/?access={target}
  headers: {{Authorization: "Basic ${{STAGING_LOGIN}}"}}
  flow:
    accounts:
      - {{user: "${{SHOP_USER}}", password: "${{SHOP_PASSWORD}}"}}
      - {{user: second, password: "{second}"}}
    login:
      - {{path: /login, extract: {{csrf: {{json: /csrf}}}}}}
      - {{method: POST, path: "/login?key={query}", form: {{user: "{{user}}", password: "{{password}}"}},
          headers: {{X-Step: "{step}"}}}}
    logged_in: {{path: /account}}
    write: {{method: POST, path: /cart, form: {{item: "{{marker}}"}}}}
    read: {{path: /cart, expect: "{{marker}}"}}
    node: {{header: X-Served-By}}
load_balancers:
  - {{name: edge, kind: haproxy, url: "http://127.0.0.1:{http}/", stats: "http://doctor:${{STATS}}@127.0.0.1:{http}/stats"}}
nodes:
  - {{name: app1, url: "http://127.0.0.1:{http}/", headers: {{X-Gate: "{node}"}}, secret_env: SIGNING, store: sessions,
      store_url: "redis://:{nodes_store}@127.0.0.1:{tcp}/1", jwks: "http://127.0.0.1:{http}/jwks",
      management: {{kind: jolokia, url: "http://doctor:${{MANAGEMENT}}@127.0.0.1:{http}/manage"}}}}
  - {{name: app2, url: "http://localhost:{http}/", headers: {{X-Gate: "{node}"}}, secret_env: SIGNING}}
stores:
  - {{name: sessions, kind: redis, url: "redis://:${{STORE}}@127.0.0.1:{tcp}/0"}}
"""


class Echo(BaseHTTPRequestHandler):
    """Gives back all that it is told: in a header that names the node, in cookies, in the page, in its trouble."""

    def _answer(self) -> None:
        sent = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
        told = [value for name, value in self.headers.items() if name in {"Authorization", "X-Gate", "X-Step"}]
        body = json.dumps({"csrf": "c5rf-0f-the-f0rm", "sent": sent, "path": self.path, "told": told}).encode()
        asks = self.path.startswith(("/manage", "/stats")) and "Authorization" not in self.headers
        self.send_response(401 if asks else 500 if "account" in self.path else 200, " ".join(told)[:100])
        self.send_header("WWW-Authenticate", f'Basic realm="{quote(" ".join(told))}"')
        self.send_header("X-Served-By", " ".join(told) or "nobody")
        self.send_header("Set-Cookie", f"connect.sid={SESSION}; HttpOnly")
        self.send_header("Set-Cookie", f"echo={quote(' '.join(told))}")
        self.send_header("Set-Cookie", "x=not-enough-access")
        self.send_header("Set-Cookie", "y=127.0.0.1")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_GET = do_POST = _answer  # noqa: N815 - the library's names

    def log_message(self, *_about: Any) -> None:
        """Keep quiet."""


class Scold(StreamRequestHandler):
    """A Redis that quotes the password it was given."""

    def handle(self) -> None:
        """One error for each command."""
        while line := self.rfile.readline():
            if line.startswith(b"$"):
                text = self.rfile.readline().strip()
                self.wfile.write(b"-ERR WRONGPASS what is " + text + b" supposed to mean, redis://:" + text + b"@h\r\n")


class _Peers(ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True


@contextmanager
def peers() -> Iterator[dict[str, int]]:
    """Both, on ports of their own."""
    with ThreadingHTTPServer(("127.0.0.1", 0), Echo) as site, _Peers(("127.0.0.1", 0), Scold) as store:
        for server in (site, store):
            threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        try:
            yield {"http": site.server_port, "tcp": store.server_address[1]}
        finally:
            site.shutdown()
            store.shutdown()


def spellings(secret: str) -> set[str]:
    """How a secret may stand in a text."""
    plain = {secret, quote(secret, safe=""), quote_plus(secret), json.dumps(secret)[1:-1]}
    return plain | {base64.b64encode(secret.encode()).decode().rstrip("=")}


@pytest.fixture
def planted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Path]:
    """Writes the topology and sets the environment; secrets can be given other values by name."""

    def plant(ports: dict[str, int], **others: str) -> Path:
        words = {"STATS": STATS, "STORE": STORE, "SHOP_PASSWORD": FORM, "SHOP_USER": USER, "SIGNING": SIGNING, **others}
        words |= {"MANAGEMENT": quote(MANAGEMENT, safe="")}
        for name, value in words.items():
            monkeypatch.setenv(name, value)
        login = others.get("STAGING", STAGING)
        monkeypatch.setenv("STAGING_LOGIN", base64.b64encode(f"doctor:{login}".encode()).decode())
        file = tmp_path / "sessiondoctor.yaml"
        values = {
            "target": TARGET,
            "node": NODE,
            "step": STEP,
            "query": QUERY,
            "second": SECOND,
            "nodes_store": NODES_STORE,
        }
        file.write_text(TOPOLOGY.format(**ports, **values), encoding="utf-8")
        return file

    return plant


def everything(cli: Cli, target: Any, folder: Path) -> str:
    """All that a scan of this target puts out: its plan, every format, `-v`, standard error."""
    files = [f"-f{name}={folder / name}" for name in FORMATS]
    scan = cli("scan", target, *files, "--deadline", 20, "--timeout", 1)
    assert scan.code in {0, 1, 3}, scan.err
    long, plan = cli("report", folder / "json", "-v"), cli("scan", target, "--plan")
    texts = [scan.out, scan.err, long.out, long.err, plan.out, plan.err]
    return "\n".join([*texts, *((folder / name).read_text(encoding="utf-8") for name in FORMATS)])


def test_no_output_shows_a_secret(cli: Cli, planted: Callable[..., Path], tmp_path: Path) -> None:
    """Whatever the peers echo: no value of a header, a field, a query, a URL, an environment variable, a cookie."""
    with peers() as ports:
        shown = everything(cli, planted(ports), tmp_path)
    secrets = (
        *PLANTED,
        SESSION,
        "qX7bPz0kD4mT",
        "c5rf-0f-the-f0rm",
        base64.b64encode(f"doctor:{STAGING}".encode()).decode(),
    )
    assert not {text for secret in secrets for text in spellings(secret) if text in shown}
    assert "not-enough-access" in shown or "fault-found" in shown
    assert "127.0.0.1" in shown


@pytest.mark.parametrize("word", ["secret", "session", "redis", "a", "critical"])
def test_a_password_that_is_a_word_leaves_the_report_whole(
    cli: Cli, planted: Callable[..., Path], tmp_path: Path, word: str
) -> None:
    """Of the stats page, the store, a form and a header: the report is valid, it reads back, and it is not shown."""
    with peers() as ports:
        shown = everything(cli, planted(ports, STATS=word, STORE=word, SHOP_PASSWORD=word, STAGING=word), tmp_path)
    document = json.loads((tmp_path / "json").read_text(encoding="utf-8"))
    jsonschema.validate(document, report_schema())
    assert read_report(tmp_path / "json").target == str(tmp_path / "sessiondoctor.yaml")
    as_credential = (
        f":{word}@",
        f"password={word}",
        f"doctor:{word}",
        base64.b64encode(f"doctor:{word}".encode()).decode(),
    )
    assert not [text for text in as_credential if text in shown]


def test_a_bundle_holds_no_secret(cli: Cli, planted: Callable[..., Path], tmp_path: Path) -> None:
    """Neither in its members nor in what is said of it; and so with a watch and its metrics."""
    bundle, metrics = tmp_path / "b.zip", tmp_path / "m.prom"
    with peers() as ports:
        file = planted(ports)
        made = cli("collect", file, "-o", bundle, "--deadline", 20, "--timeout", 1)
        watched = cli(
            "watch", file, "--once", "--state", tmp_path / "state.json", "--metrics-file", metrics, "--timeout", 1,
            "--deadline", 20,
        )  # fmt: skip
    assert made.code in {0, 3}, made.err
    judged = cli("judge", bundle, "-v", "-f", f"json={tmp_path / 'r.json'}")
    with zipfile.ZipFile(bundle) as archive:
        members = "".join(archive.read(name).decode() for name in archive.namelist())
    texts = [members, made.out, made.err, judged.out, judged.err, watched.out, watched.err, metrics.read_text()]
    shown = "\n".join([*texts, (tmp_path / "r.json").read_text()])
    secrets = (*PLANTED, SESSION, "qX7bPz0kD4mT", base64.b64encode(f"doctor:{MANAGEMENT}".encode()).decode())
    assert not {text for secret in secrets for text in spellings(secret) if text in shown}


def test_the_query_of_the_target_is_not_shown(cli: Cli, tmp_path: Path) -> None:
    """Neither in the report nor in the command that proves the fix."""
    with peers() as ports:
        shown = everything(cli, f"http://doctor:{STAGING}@127.0.0.1:{ports['http']}/?access={TARGET}", tmp_path)
    assert not {text for secret in (STAGING, TARGET, SESSION) for text in spellings(secret) if text in shown}
    assert f"http://127.0.0.1:{ports['http']}/?access=***" in shown
