"""Sites, redirects, handshakes of TLS, proxies, sockets."""
# ruff: noqa: E501 - a case is one line of a table

from __future__ import annotations

import base64
import hashlib
import re
import ssl
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import yaml

from tests.benchmarks.zoo.animal import Animal, Stage
from tests.benchmarks.zoo.peers import Perform, closed, drips, floods, peer, says, silent
from tests.benchmarks.zoo.stages import BULK, GENERIC, NESTED, OK, PAGE, page, site, written
from tests.fakes.hostile_servers import ANSWERS, DRIPS, FLOODS

if TYPE_CHECKING:
    import socket
    from collections.abc import Iterator
    from pathlib import Path


def http() -> Iterator[Animal]:
    """Behaviours of HTTP, as the wire's tests have them, and redirects."""
    yield Animal("HTTP", "harmless", site(says(PAGE)))
    yield Animal("HTTP", "silent", site(silent))
    yield Animal("HTTP", "closed", site(closed))
    for name, data in ANSWERS.items():
        yield Animal("HTTP", name, site(floods(data, b"", asked=True) if not data else _once(data)))
    for name, (first, drop) in DRIPS.items():
        yield Animal("HTTP", name, site(drips(first, drop)))
    for name, (first, wave) in FLOODS.items():
        yield Animal("HTTP", name, site(floods(first, wave)))
    yield Animal("HTTP", "480 cookies of 4 KB", site(says(_cookies(480))))
    yield Animal("HTTP", "429", site(says(page(b"", b"Retry-After: 9999999", status=b"429 Slow"))))
    yield Animal("HTTP", "503, NaN", site(says(page(b"", b"Retry-After: NaN", status=b"503 No"))))
    yield Animal(
        "HTTP", "SSE without end", site(floods(OK + b"Content-Type: text/event-stream\r\n\r\ndata: ", b"x" * 9000))
    )
    yield Animal("HTTP", "SSE that drips", site(drips(OK + b"Content-Type: text/event-stream\r\n\r\n", b"data: x\n\n")))
    yield Animal("HTTP", "page of brackets", site(says(page(b"<div>" * 50_000, b"Content-Type: text/html"))))
    yield Animal("HTTP", "page of JSON", site(says(page(NESTED[:250_000], b"Content-Type: application/json"))))
    for place in REDIRECTS:
        yield Animal(
            "redirects", place[:40], site(says(page(b"", b"Location: " + place.encode(), status=b"302 Found")))
        )


REDIRECTS = (
    "/", "//", "/\\evil", "http://", "http://[::1", "http://user:pw@evil.test/", "file:///etc/passwd", "javascript:1", "ftp://a/",
    "http://169.254.169.254/latest/", "//127.0.0.1:1/", "http://127.0.0.1:99999/", "?" + "a" * 60_000, "/" + "../" * 9000,
    "http://xn--/", "http://a..b/", "\x01", "data:text/html,x", "http://0x7f000001/", "http://127.0.0.1:0/", "#x", "/%00%0d%0aX:1",
)  # fmt: skip


def _once(data: bytes) -> Perform:
    def perform(link: socket.socket) -> None:
        link.recv(65536)
        link.sendall(data)

    return perform


def _cookies(count: int) -> bytes:
    lines = (b"Set-Cookie: c%d=%s; Path=/" % (number, b"x" * 100) for number in range(count))
    return page(b"hello", *lines)


def tls() -> Iterator[Animal]:
    """Handshakes."""
    for name, perform in {
        "silent": silent, "closed": closed, "garbage": says(b"x" * 5000), "drips": drips(b"\x16\x03\x03\x40\x00"),
        "floods": floods(b"\x16\x03\x03\x40\x00", b"\x02" * 9000), "alert": says(b"\x15\x03\x01\x00\x02\x02\x46"),
        "huge record": floods(b"\x16\x03\x03\xff\xff", b"\x0b" * 9000), "half, then silent": _half_a_handshake,
        "plain http": says(PAGE), "alerts without end": floods(b"", b"\x15\x03\x03\x00\x02\x01\x5a" * 900),
    }.items():  # fmt: skip
        yield Animal("TLS", name, _secure(perform))


def _secure(perform: Perform) -> Stage:
    @contextmanager
    def stage(_folder: Path) -> Iterator[list[str]]:
        with peer(perform) as port:
            yield ["scan", f"https://127.0.0.1:{port}/"]

    return stage


def _half_a_handshake(link: socket.socket) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    incoming.write(link.recv(65536))
    with_keys = context.wrap_bio(incoming, outgoing, server_side=True)
    try:
        with_keys.do_handshake()
    except ssl.SSLError:
        link.sendall(outgoing.read())
    silent(link)


def proxies() -> Iterator[Animal]:
    """What stands between."""
    behaviours = GENERIC | {
        "200 and closed": _once(b"HTTP/1.1 200 OK\r\n\r\n"), "407": says(page(b"", b"Proxy-Authenticate: Basic", status=b"407 Who")),
        "head without end": floods(OK, b"X: y\r\n" * 900), "socks garbage": says(b"\x05\xff"), "socks half": drips(b"\x05\x00\x05"),
    }  # fmt: skip
    for name, perform in behaviours.items():
        for scheme in ("http", "socks5"):
            yield Animal("proxies", f"{scheme}, {name}", _behind(perform, scheme))


def _behind(perform: Perform, scheme: str) -> Stage:
    @contextmanager
    def stage(folder: Path) -> Iterator[list[str]]:
        with peer(perform) as port:
            file = folder / "sessiondoctor.yaml"
            about = {"version": 1, "site": {"url": "https://shop.test/", "proxy": f"{scheme}://u:pw@127.0.0.1:{port}"}}
            file.write_text(yaml.safe_dump(about))
            yield ["scan", str(file)]

    return stage


def sockets() -> Iterator[Animal]:
    """WebSockets once they are open, and what MCP, SignalR and Socket.IO answer."""
    frames: dict[str, tuple[bytes, bytes]] = {
        "silent": (b"", b""), "frames without end": (b"", b"\x82\x7e\xff\xff" + b"x" * 65535), "pings": (b"", b"\x89\x05hello" * 2000),
        "fragments": (b"\x02\x01x", b"\x00\x05hello" * 2000), "huge frame": (b"\x82\x7f\x7f" + b"\xff" * 7, BULK),
        "compressed": (b"", b"\xc2\x7e\xff\xff" + b"x" * 65535), "garbage": (b"", b"\xff" * 5000), "masked": (b"", b"\x81\x85aaaahello"),
        "text without end": (b"\x01\x7f\x00\x00\x00\xff\xff\xff\xff\xff", b"x" * 65536), "not UTF-8": (b"\x81\x02\xff\xff", b""),
        "closes": (b"\x88\x02\x03\xe9", b""), "empty frames": (b"", b"\x80\x00" * 9000), "long ping": (b"", b"\x89\x7e\xff\xff" + BULK),
    }  # fmt: skip
    for name, (first, wave) in frames.items():
        for kind in ("websocket", "socketio"):
            flow = {"websocket": {"path": "/ws", "kind": kind}}
            yield Animal("sockets", f"{kind}, {name}", _socket(_upgraded(first, wave), flow))
    talks = {"JSON without end": floods(OK + b"\r\n[", b"[" * 9000), "deep": says(page(NESTED[:200_000])),
             "SSE without end": floods(OK + b"Content-Type: text/event-stream\r\n\r\ndata: ", b"x" * 9000),
             "SSE that drips": drips(OK + b"Content-Type: text/event-stream\r\n\r\n", b": x\n"),
             "long id": says(page(b'{"jsonrpc":"2.0","result":{}}', b"Mcp-Session-Id: " + b"a" * 60_000)),
             "bad id": says(page(b'{"jsonrpc":"2.0"}', b"Mcp-Session-Id: \x01\x7f a\tb")),
             "wrong types": says(page(b'{"jsonrpc":[],"connectionToken":5,"availableTransports":{"a":[]},"code":[]}'))}  # fmt: skip
    for name, perform in talks.items():
        for kind in ("mcp", "signalr", "socketio"):
            yield Animal("sockets", f"{kind}, {name}", _socket(perform, {"websocket": {"path": "/ws", "kind": kind}}))


def _socket(perform: Perform, flow: dict[str, Any]) -> Stage:
    @contextmanager
    def stage(folder: Path) -> Iterator[list[str]]:
        with peer(perform) as port:
            yield ["scan", written(folder, port, {}, flow), "--allow", "interact"]

    return stage


def _upgraded(first: bytes, wave: bytes) -> Perform:
    guid = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"

    def perform(link: socket.socket) -> None:
        while asked := link.recv(65536):
            key = re.search(rb"(?i)sec-websocket-key: (\S+)", asked)
            if not key:
                link.sendall(PAGE)
                continue
            accept = base64.b64encode(hashlib.sha1(key[1] + guid, usedforsecurity=False).digest())
            link.sendall(
                b"HTTP/1.1 101 Switching\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: "
            )
            link.sendall(accept + b"\r\n\r\n" + first)
            while wave:
                link.sendall(wave)
            silent(link)

    return perform
