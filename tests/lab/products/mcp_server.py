"""A server of the Model Context Protocol by FastMCP: its sessions travel in a header and live in one process."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.lab.products.packages import python
from tests.lab.products.product import UNSHARED, Node, Place, Product, Use

if TYPE_CHECKING:
    import httpx

APP = """\
import os
from mcp.server.fastmcp import FastMCP

server = FastMCP("notes", host="127.0.0.1", port=int(os.environ["PORT"]), stateless_http=os.environ["STATELESS"] == "1")

@server.tool()
def add(a: int, b: int) -> int:
    "Add two numbers."
    return a + b

server.run(transport="streamable-http")
"""
HEADERS = {"Accept": "application/json, text/event-stream", "Content-Type": "application/json"}
INITIALIZE: dict[str, Any] = {
    "jsonrpc": "2.0",
    "id": 1,
    "method": "initialize",
    "params": {
        "protocolVersion": "2025-03-26",
        "capabilities": {},
        "clientInfo": {"name": "naive", "version": "1"},
    },
}
LIST = {"jsonrpc": "2.0", "id": 2, "method": "tools/list"}
FLOW = {
    "write": {"method": "POST", "path": "/mcp", "json": INITIALIZE, "headers": HEADERS, "expect": "serverInfo"},
    "read": {"method": "POST", "path": "/mcp", "json": LIST, "headers": HEADERS, "expect": '"add"'},
}


def visit(client: httpx.Client, looks: int) -> list[bool]:
    """Initialize, then ask for the tools with the session id that was given."""
    opened = client.post("/mcp", json=INITIALIZE, headers=HEADERS)
    given = opened.headers.get("Mcp-Session-Id")
    headers = {**HEADERS, **({"Mcp-Session-Id": given} if given else {})}
    client.post("/mcp", json={"jsonrpc": "2.0", "method": "notifications/initialized"}, headers=headers)
    return [client.post("/mcp", json=LIST, headers=headers).is_success for _ in range(looks)]


def node(place: Place) -> Node:
    """One process; "shared" is its mode without sessions, which is what its documentation advises for several nodes."""
    return Node(
        name=place.name,
        port=place.port,
        argv=(str(python("mcp", "mcp==1.*")), "server.py"),
        env={"PORT": str(place.port), "STATELESS": str(int(place.shared))},
        files={"server.py": APP},
        health="/mcp",
    )


PRODUCTS = (
    Product(
        name="mcp-server",
        entrance="/mcp",
        looks_like="mcp-server",
        node=node,
        site={"session_header": "Mcp-Session-Id"},
        use=lambda _: Use(visit, FLOW),
        right=frozenset({"header-session-without-affinity", *UNSHARED}),
        cured_by=("shared",),
        thorough=False,
    ),
)
