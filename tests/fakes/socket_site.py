"""A site whose nodes hold connections in their own memory: Socket.IO, SignalR, MCP; and a WebSocket that is cut."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import itertools
import json
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"


@dataclass(slots=True)
class Request:
    """One request as a node sees it."""

    method: str
    path: str
    headers: dict[str, str]
    body: str

    @property
    def query(self) -> dict[str, str]:
        """The first value of each name."""
        return {name: values[0] for name, values in parse_qs(urlsplit(self.path).query).items()}


@dataclass(slots=True)
class Reply:
    """One response; one without a status ends the connection."""

    status: int = 200
    body: str = ""
    headers: dict[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class Node:
    """One process. `known` are the ids of its connections."""

    name: str
    known: set[str] = field(default_factory=set)
    numbers: itertools.count[int] = field(default_factory=itertools.count)

    def __call__(self, request: Request) -> Reply:
        """What its application answers."""
        path = urlsplit(request.path).path
        if path == "/socket.io/":
            return self._socket_io(request)
        if path.startswith("/chathub"):
            return self._signalr(request, path)
        return self._mcp(request) if path == "/mcp" else Reply(body="<h1>Welcome</h1>")

    def _made(self) -> str:
        made = f"{self.name}-connection-{next(self.numbers)}-secret"
        self.known.add(made)
        return made

    def _socket_io(self, request: Request) -> Reply:
        sid = request.query.get("sid")
        if sid is None:
            opened = {"sid": self._made(), "upgrades": ["websocket"], "pingInterval": 25000}
            return Reply(body="0" + json.dumps(opened, separators=(",", ":")))
        if sid not in self.known:
            return Reply(400, '{"code":1,"message":"Session ID unknown"}')
        return Reply(body="ok" if request.method == "POST" else '40{"sid":"x"}')

    def _signalr(self, request: Request, path: str) -> Reply:
        if path.endswith("/negotiate"):
            made = self._made()
            said = {
                "connectionId": "shown",
                "connectionToken": made,
                "availableTransports": [{"transport": "WebSockets"}],
            }
            return Reply(body=json.dumps(said))
        known = request.query.get("id") in self.known
        return Reply(200) if known else Reply(404, "No Connection with that ID")

    def _mcp(self, request: Request) -> Reply:
        if '"initialize"' in request.body:
            return Reply(body='{"jsonrpc":"2.0","id":1,"result":{}}', headers={"Mcp-Session-Id": self._made()})
        known = request.headers.get("mcp-session-id") in self.known
        return Reply(202) if known else Reply(404, '{"jsonrpc":"2.0","error":{"message":"Session not found"}}')


@dataclass(slots=True)
class Balancer:
    """Takes turns; `sticky` by a cookie of its own; `passes_upgrades` on or makes plain requests of them."""

    nodes: list[Node]
    sticky: bool = False
    turn: itertools.count[int] = field(default_factory=itertools.count)

    def __call__(self, request: Request) -> Reply:
        """What the site answers."""
        bound = request.headers.get("cookie", "").removeprefix("srv=") if self.sticky else ""
        node = next((node for node in self.nodes if node.name == bound), None)
        if node:
            return node(request)
        node = self.nodes[next(self.turn) % len(self.nodes)]
        reply = node(request)
        if self.sticky:
            reply.headers["Set-Cookie"] = f"srv={node.name}; path=/"
        return reply


@asynccontextmanager
async def served(
    site: Callable[[Request], Reply], *, upgrades: bool = True, cut_after_s: float | None = None
) -> AsyncIterator[str]:
    """Serve at the URL that is given; an upgraded connection is cut after a while without a closing frame."""
    tasks: set[asyncio.Task[None]] = set()

    async def visit(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while (request := await _read(reader)) and await _answer(request, reader, writer):
                pass
        except OSError:
            pass
        finally:
            writer.close()

    async def _answer(request: Request, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        if upgrades and request.headers.get("upgrade") == "websocket":
            await _hold(request, reader, writer, cut_after_s)
            return False
        reply = Reply(400, "Bad Request: upgrade required") if request.headers.get("upgrade") else site(request)
        body = reply.body.encode()
        lines = [f"HTTP/1.1 {reply.status} X", *(f"{k}: {v}" for k, v in reply.headers.items())]
        writer.write("\r\n".join([*lines, f"Content-Length: {len(body)}", "", ""]).encode() + body)
        await writer.drain()
        return True

    def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.create_task(visit(reader, writer))
        tasks.add(task)
        task.add_done_callback(tasks.discard)

    server = await asyncio.start_server(accept, "127.0.0.1", 0)
    try:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/"
    finally:
        server.close()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await asyncio.sleep(0.001)


async def _hold(
    request: Request, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, cut_after_s: float | None
) -> None:
    """Accept the handshake, ping once (RFC 6455, 5.5.2), and cut the connection after a while."""
    digest = hashlib.sha1(f"{request.headers['sec-websocket-key']}{GUID}".encode(), usedforsecurity=False).digest()
    lines = ("HTTP/1.1 101 Switching", "Upgrade: websocket", "Connection: Upgrade")
    accept = f"Sec-WebSocket-Accept: {base64.b64encode(digest).decode()}"
    writer.write("\r\n".join([*lines, accept, "", ""]).encode() + b"\x89\x02hi")
    await writer.drain()
    if cut_after_s is None:
        await reader.read()
        return
    assert await reader.read(1000), "the ping is answered"
    await asyncio.sleep(cut_after_s)


async def _read(reader: asyncio.StreamReader) -> Request | None:
    try:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
    except asyncio.IncompleteReadError:
        return None
    first, *lines = head.strip().split("\r\n")
    method, path, _ = first.split(" ")
    headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
    return Request(method, path, headers, (await reader.readexactly(int(headers.get("content-length", 0)))).decode())
