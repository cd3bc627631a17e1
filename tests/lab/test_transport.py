"""The wire against servers and proxies that none of us wrote: Caddy, nginx, tinyproxy, microsocks."""

from __future__ import annotations

import asyncio
import os
import socket
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from sessiondoctor.errors import Unreachable
from sessiondoctor.wire.client import Trust, Wire
from sessiondoctor.wire.message import Limits, Request, Response
from sessiondoctor.wire.pace import Pace
from sessiondoctor.wire.proxy import Proxies
from tests.fakes.certificates import authority
from tests.lab.ports import Ports
from tests.lab.process import Command, Process, Program

if TYPE_CHECKING:
    from collections.abc import Iterator

CADDYFILE = """\
{{
  admin off
  auto_https disable_redirects
}}
(shown) {{
  encode zstd gzip
  header Content-Type text/plain
  respond "{{http.request.proto}} {{http.request.host}} {padding}"
}}
https://:{h2} {{
  tls {home}/good.crt {home}/leaf.key
  import shown
}}
https://:{asking} {{
  tls {home}/good.crt {home}/leaf.key {{
    client_auth {{
      mode require_and_verify
      trusted_ca_cert_file {home}/ca.crt
    }}
  }}
  import shown
}}
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
  ssl_certificate {home}/good.crt;
  ssl_certificate_key {home}/leaf.key;
  gzip on; gzip_min_length 1; gzip_types *;
  default_type text/plain;
  server {{
    listen 127.0.0.1:{n2} ssl http2;
    keepalive_requests 3;
    location / {{ return 200 "$server_protocol {padding}"; }}
  }}
  server {{ listen 127.0.0.1:{n1} ssl; location / {{ return 200 "$server_protocol {padding}"; }} }}
  server {{ listen 127.0.0.1:{n2c} http2; location / {{ return 200 "$server_protocol"; }} }}
  server {{
    listen 127.0.0.1:{nask} ssl;
    ssl_client_certificate {home}/ca.crt;
    ssl_verify_client on;
    location / {{ return 200 "in"; }}
  }}
  server {{ listen 127.0.0.1:{plain}; location / {{ return 200 "$host"; }} }}
}}
"""
TINYPROXY = "Port {port}\nListen 127.0.0.1\nTimeout 20\nMaxClients 20\nAllow 127.0.0.1\nLogLevel Critical\n"
NAMES = ("h2", "asking", "n2", "n1", "n2c", "nask", "plain", "tiny", "locked", "socks", "locked_socks")


@dataclass(frozen=True, slots=True)
class Place:
    """Ports by name, and the folder of the certificates."""

    ports: Mapping[str, int]
    home: Path

    def url(self, name: str, scheme: str = "https", host: str = "shop.example") -> str:
        """The URL of a server."""
        return f"{scheme}://{host}:{self.ports[name]}/"

    def ask(
        self,
        name: str,
        *,
        scheme: str = "https",
        http: str = "",
        cert: str = "",
        proxy: str = "",
        address: str = "",
        ca: str = "ca.crt",
        times: int = 1,
        method: str = "GET",
        headers: tuple[tuple[str, str], ...] = (),
    ) -> list[Response]:
        """Send requests over one connection."""

        async def run() -> list[Response]:
            trust = Trust(
                ca=str(self.home / ca) if ca else "",
                cert=str(self.home / cert) if cert else "",
                key=str(self.home / "leaf.key") if cert else "",
                http=http,  # type: ignore[arg-type] # of the cases below
            )
            resolve = {} if proxy else {"shop.example": ("127.0.0.1",)}
            proxies = Proxies(proxy) if proxy else None
            host = "shop.example" if scheme == "https" else "127.0.0.1"
            request = Request(self.url(name, scheme, host), method, headers)
            async with (
                Wire(limits=Limits(total_s=20), pace=Pace(0), resolve=resolve, proxies=proxies) as wire,
                wire.connection(trust=trust, address=address) as connection,
            ):
                return [await wire.send(request, connection=connection) for _ in range(times)]

        return asyncio.run(run())

    def trouble(self, name: str, **how: str) -> Unreachable:
        """Send a request that must fail."""
        with pytest.raises(Unreachable) as caught:
            self.ask(name, **how)  # type: ignore[arg-type] # all of its options are texts here
        return caught.value


def listens(port: int) -> bool:
    """Whether somebody accepts connections."""
    with socket.socket() as attempt:
        return attempt.connect_ex(("127.0.0.1", port)) == 0


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    """All servers, until the last test of the module."""
    home = tmp_path_factory.mktemp("transport")
    own = authority(home)
    own.good()
    claims = Ports()
    ports = {name: claims.take() for name in NAMES}
    values = {**ports, "home": home, "padding": "x" * 3000, "user": "user root;" if os.geteuid() == 0 else ""}
    (home / "Caddyfile").write_text(CADDYFILE.format(**values))
    (home / "nginx.conf").write_text(NGINX.format(**values))
    (home / "tiny.conf").write_text(TINYPROXY.format(port=ports["tiny"]))
    (home / "locked.conf").write_text(TINYPROXY.format(port=ports["locked"]) + "BasicAuth me secret\n")
    with ExitStack() as running:
        running.callback(claims.release)
        for name, argv in commands(home, ports).items():
            folders = {"XDG_DATA_HOME": str(home), "XDG_CONFIG_HOME": str(home)}
            process = Process(name, Command(argv, folders), home)
            running.callback(process.stop)
            process.wait_until(lambda name=name: all(map(listens, served_by(name, ports))))  # type: ignore[misc]
        yield Place(ports, home)


def commands(home: Path, ports: Mapping[str, int]) -> dict[str, tuple[str, ...]]:
    """How each server is started."""
    caddy, nginx = Program("caddy", "caddy").path(), Program("nginx", "nginx-light").path()
    tiny, socks = Program("tinyproxy", "tinyproxy-bin").path(), Program("microsocks", "microsocks").path()
    listen = (socks, "-i", "127.0.0.1", "-p")
    return {
        "caddy": (caddy, "run", "--config", str(home / "Caddyfile"), "--adapter", "caddyfile"),
        "nginx": (nginx, "-p", str(home), "-e", str(home / "error.log"), "-c", str(home / "nginx.conf")),
        "tiny": (tiny, "-d", "-c", str(home / "tiny.conf")),
        "locked": (tiny, "-d", "-c", str(home / "locked.conf")),
        "socks": (*listen, str(ports["socks"])),
        "locked_socks": (*listen, str(ports["locked_socks"]), "-u", "me", "-P", "secret"),
    }


def served_by(name: str, ports: Mapping[str, int]) -> tuple[int, ...]:
    """The ports of a process."""
    groups = {"caddy": ("h2", "asking"), "nginx": ("n2", "n1", "n2c", "nask", "plain")}
    return tuple(ports[port] for port in groups.get(name, (name,)))


@pytest.mark.parametrize("name", ["h2", "n2"])
def test_http2_is_spoken_where_tls_agrees_on_it(place: Place, name: str) -> None:
    """Caddy and nginx say so themselves; the body comes without its coding, the header names stay."""
    (response,) = place.ask(name)
    assert (response.status, response.http_version) == (200, "2")
    assert response.text.startswith("HTTP/2.0 ")
    assert response.text.endswith("x" * 3000)
    assert response.header("content-encoding") in {"gzip", "zstd"}


@pytest.mark.parametrize("name", ["h2", "n2", "n1"])
def test_http_1_can_be_forced(place: Place, name: str) -> None:
    """`site.http: 1.1`; a server that has nothing else needs no force."""
    (response,) = place.ask(name, http="1.1")
    assert (response.http_version, response.text[:8]) == ("1.1", "HTTP/1.1")
    assert place.ask("n1")[0].http_version == "1.1"


def test_http2_can_be_forced(place: Place) -> None:
    """Without TLS by prior knowledge; a server that cannot is told apart from one that is broken."""
    assert place.ask("n2c", scheme="http", http="2")[0].text == "HTTP/2.0"
    assert place.ask("n2", http="2")[0].http_version == "2"
    problem = place.trouble("n1", http="2")
    assert (problem.trouble, problem.reason.endswith("it does not speak HTTP/2")) == ("malformed", True), problem.reason


def test_a_connection_of_http2_is_kept(place: Place) -> None:
    """Each exchange tells whether it is the first one of its connection; nginx ends this one after the third."""
    reused = [response.reused for response in place.ask("h2", times=4)]
    assert reused == [False, True, True, True]
    assert [response.reused for response in place.ask("n2", times=5)][:3] == [False, True, True]


@pytest.mark.parametrize("method", ["GET", "POST", "HEAD"])
def test_what_a_server_closes_is_opened_again(place: Place, method: str) -> None:
    """Nginx says GOAWAY after three requests: nobody loses one of ten."""
    answers = place.ask("n2", times=10, method=method)
    assert {answer.status for answer in answers} == {200}
    assert 2 <= sum(not answer.reused for answer in answers) <= 5


def test_an_upgrade_is_asked_for_over_http_1(place: Place) -> None:
    """HTTP/2 has no such headers."""
    (response,) = place.ask("h2", headers=(("Connection", "Upgrade"), ("Upgrade", "websocket")))
    assert response.http_version == "1.1"


@pytest.mark.parametrize("name", ["asking", "nask"])
def test_a_client_certificate_opens_the_door(place: Place, name: str) -> None:
    """Caddy ends the handshake without one, nginx answers with a page of its own: the same trouble."""
    assert place.ask(name, cert="good.crt")[0].status == 200
    problem = place.trouble(name)
    assert problem.trouble == "client-certificate"
    assert "it asks for a client certificate" in problem.reason
    assert "--cert" in problem.hint


def test_an_unknown_authority_is_told_as_such(place: Place) -> None:
    """And what to do about it."""
    problem = place.trouble("h2", ca="")
    assert problem.trouble == "unknown-authority"
    assert "--cacert" in problem.hint


def test_plain_text_to_a_port_of_tls_is_told_as_such(place: Place) -> None:
    """Caddy and nginx answer in plain text, with a page that is none of the site's."""
    for name in ("h2", "n1"):
        problem = place.trouble(name, scheme="http")
        assert (problem.trouble, problem.hint) == ("malformed", "try https:// instead of http://")


@pytest.mark.parametrize("proxy", ["tiny", "socks"])
def test_a_proxy_leads_there(place: Place, proxy: str) -> None:
    """With TLS, and without; what is pinned is pinned there, too; whom we spoke with is not said to be the site."""
    url = f"{'socks5' if proxy == 'socks' else 'http'}://127.0.0.1:{place.ports[proxy]}"
    first, second = place.ask("h2", proxy=url, address="127.0.0.1", times=2)
    assert (first.http_version, first.status, first.reused, second.reused) == ("2", 200, False, True)
    assert first.address == ""
    assert [answer.text for answer in place.ask("plain", scheme="http", proxy=url, times=2)] == ["127.0.0.1"] * 2


@pytest.mark.parametrize("proxy", ["locked", "locked_socks"])
def test_a_proxy_may_want_a_login(place: Place, proxy: str) -> None:
    """It stands in the URL; without one the trouble is the proxy's, and no page of the site."""
    scheme, port = "socks5h" if proxy == "locked_socks" else "http", place.ports[proxy]
    for to in ("plain", "h2"):
        how = {"scheme": "http"} if to == "plain" else {"address": "127.0.0.1"}
        assert place.ask(to, proxy=f"{scheme}://me:secret@127.0.0.1:{port}", **how)[0].status == 200  # type: ignore[arg-type]
        for login in ("", "me:wrong@"):
            if (proxy, to, login) == ("locked", "plain", "me:wrong@"):
                continue  # tinyproxy says 401, as if the site said so
            problem = place.trouble(to, proxy=f"{scheme}://{login}127.0.0.1:{port}", **how)
            assert problem.trouble == "proxy", problem.reason
            assert "wrong" not in problem.reason + problem.hint


def test_a_proxy_that_cannot_connect_says_so(place: Place) -> None:
    """Not the site refuses."""
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        nobody = Place({**place.ports, "nobody": closed.getsockname()[1]}, place.home)
        for scheme, proxy in (("http", "tiny"), ("socks5", "socks")):
            url = f"{scheme}://127.0.0.1:{place.ports[proxy]}"
            problem = nobody.trouble("nobody", proxy=url, address="127.0.0.1")
            assert (problem.trouble, "does not connect to it" in problem.reason) == ("proxy", True)


def test_a_proxy_that_is_not_there_is_told_as_such(place: Place) -> None:
    """With its own host and port."""
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        port = closed.getsockname()[1]
        problem = place.trouble("h2", proxy=f"http://127.0.0.1:{port}")
    assert problem.trouble == "proxy"
    assert problem.reason.endswith(f"its proxy 127.0.0.1:{port}: connection refused")
