"""Node-RED with users: a client that signs in is given a bearer token, which one node knows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.lab.process import Program
from tests.lab.products.packages import node_modules
from tests.lab.products.product import UNSHARED, Node, Place, Product, Use

if TYPE_CHECKING:
    import httpx

SETTINGS = """\
module.exports = {
  uiHost: '127.0.0.1',
  uiPort: Number(process.env.PORT),
  userDir: process.env.USER_DIR,
  flowFile: 'flows.json',
  credentialSecret: 'shared',
  logging: { console: { level: 'warn' } },
  telemetry: { enabled: false },
  adminAuth: {
    type: 'credentials',
    users: (name) => Promise.resolve(name === 'root' ? { username: 'root', permissions: '*' } : null),
    authenticate: (username, password) =>
      Promise.resolve(password === 'a-long-password' ? { username, permissions: '*' } : null),
  },
};
"""
USER = {
    "client_id": "node-red-admin",
    "grant_type": "password",
    "scope": "*",
    "username": "root",
    "password": "a-long-password",
}
BEARER = {"Authorization": "Bearer {token}"}
FLOW = {
    "login": {"method": "POST", "path": "/auth/token", "json": USER, "extract": {"token": {"json": "/access_token"}}},
    "logged_in": {"path": "/settings", "headers": BEARER, "expect": "httpNodeRoot"},
}


def visit(client: httpx.Client, looks: int) -> list[bool]:
    """Ask for a token and use it."""
    token = client.post("/auth/token", json=USER).json()["access_token"]
    answers = [client.get("/settings", headers={"Authorization": f"Bearer {token}"}) for _ in range(looks)]
    return ["httpNodeRoot" in answer.text for answer in answers]


def node(place: Place) -> Node:
    """One process with a folder of its own."""
    modules = node_modules("node-red", {"node-red": "4.0"})
    start = str(modules / "node_modules" / "node-red" / "red.js")
    return Node(
        name=place.name,
        port=place.port,
        argv=(Program("node", "nodejs").path(), start, "--settings", "settings.js"),
        env={"PORT": str(place.port), "USER_DIR": str(place.home)},
        files={"settings.js": SETTINGS},
        health="/",
        patience=90,
    )


PRODUCTS = (
    Product(
        name="node-red",
        looks_like="node-red",
        node=node,
        use=lambda _: Use(visit, FLOW),
        right=frozenset({"header-session-without-affinity", *UNSHARED}),
        # A token is no cookie, but a browser sends the balancer's cookie with it.
        cured_by=("sticky",),
        files=("settings.js",),
    ),
)
