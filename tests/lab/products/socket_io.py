"""A chat with Socket.IO, whose connections begin with long polling: their ids are known to one node only."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

from tests.lab.process import Program
from tests.lab.products.packages import node_modules
from tests.lab.products.product import UNSHARED, Node, Place, Product, Use

if TYPE_CHECKING:
    import httpx

APP = """\
const { createServer } = require('http');
const { Server } = require('socket.io');
const page = '<!doctype html><title>Chat</title><script src="/socket.io/socket.io.js"></script><script>io()</script>';
const server = createServer((request, response) => {
  response.setHeader('Content-Type', 'text/html');
  response.end(page);
});
const io = new Server(server);
io.on('connection', (socket) => socket.on('chat message', (message) => io.emit('chat message', message)));
server.listen(Number(process.env.PORT), '127.0.0.1');
process.on('SIGTERM', () => process.exit(0));
"""
POLLING = "/socket.io/?EIO=4&transport=polling"
FLOW = {
    "write": {"path": POLLING, "extract": {"sid": {"regex": '"sid":"([^"]+)"'}}},
    "read": {
        "method": "POST",
        "path": f"{POLLING}&sid={{sid}}",
        "headers": {"Content-Type": "text/plain"},
        "form": {"40": ""},
        "expect": "ok",
    },
    "websocket": "/socket.io/",
}


def visit(client: httpx.Client, looks: int) -> list[bool]:
    """Connect by long polling, as its client does, and send a packet with that id."""
    seen = []
    for _ in range(looks):
        opened = client.get(POLLING)
        sid = re.search(r'"sid":"([^"]+)"', opened.text)
        assert sid, f"no id was given: {opened.text[:100]}"
        sent = client.post(f"{POLLING}&sid={sid[1]}", content="40", headers={"Content-Type": "text/plain"})
        seen.append(sent.is_success)
    return seen


def node(place: Place) -> Node:
    """One process; all its sockets live in it."""
    modules = node_modules("socket-io", {"socket.io": "4.8"})
    return Node(
        name=place.name,
        port=place.port,
        argv=(Program("node", "nodejs").path(), "app.js"),
        env={"PORT": str(place.port), "NODE_PATH": str(modules / "node_modules")},
        files={"app.js": APP, "package.json": json.dumps({"dependencies": {"socket.io": "4.8"}})},
        health="/",
    )


PRODUCTS = (
    Product(
        name="socket-io",
        looks_like="socket-io",
        node=node,
        use=lambda _: Use(visit, FLOW),
        right=frozenset({"websocket-no-affinity", *UNSHARED}),
        cured_by=("sticky",),
        files=("package.json",),
        thorough=False,
    ),
)
