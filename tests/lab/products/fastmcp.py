"""A server by FastMCP: its sessions travel in a header and live in one process."""

from __future__ import annotations

from tests.lab.products.mcp_server import FLOW, visit
from tests.lab.products.packages import python
from tests.lab.products.product import UNSHARED, Node, Place, Product, Use

APP = """\
import os
from fastmcp import FastMCP

server = FastMCP("notes")

@server.tool
def add(a: int, b: int) -> int:
    "Add two numbers."
    return a + b

server.run(
    transport="http", host="127.0.0.1", port=int(os.environ["PORT"]), show_banner=False,
    stateless_http=os.environ["STATELESS"] == "1",
)
"""


def node(place: Place) -> Node:
    """One process; "shared" is its mode without sessions, which is what its documentation advises for several nodes."""
    return Node(
        name=place.name,
        port=place.port,
        argv=(str(python("fastmcp", "fastmcp")), "server.py"),
        env={"PORT": str(place.port), "STATELESS": str(int(place.shared)), "HOME": str(place.common)},
        files={"server.py": APP},
        health="/mcp",
    )


PRODUCTS = (
    Product(
        name="fastmcp",
        entrance="/mcp",
        looks_like="mcp-server",
        node=node,
        site={"session_header": "Mcp-Session-Id"},
        use=lambda _: Use(visit, FLOW),
        right=frozenset({"header-session-without-affinity", *UNSHARED}),
        # Its clients keep no cookies: HAProxy's cookie keeps nobody.
        cured_by=("shared",),
    ),
)
