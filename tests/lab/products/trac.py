"""Trac: its sessions, also those of who has no account, are in the database of its environment, an SQLite file."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

from tests.lab.cache import cached, run
from tests.lab.products.packages import python
from tests.lab.products.product import UNSHARED, Node, Place, Product, Use
from tests.lab.products.visitor import submit

if TYPE_CHECKING:
    from pathlib import Path

    import httpx

URL = "/prefs"
FLOW = {
    "write": [{"path": URL}, {"form": "auto", "fields": {"name": "{marker}", "action": "save"}}],
    "read": {"path": URL, "expect": "{marker}"},
}


def visit(client: httpx.Client, looks: int) -> list[bool]:
    """Tells one's name, and looks whether it is remembered."""
    submit(client, client.get(URL), {"name": "naive-visitor"})
    return ["naive-visitor" in client.get(URL).text for _ in range(looks)]


def interpreter() -> Path:
    """Trac and its own server."""
    return python("trac", "Trac==1.6", "setuptools<81")


def _made(folder: Path) -> None:
    admin = str(interpreter().with_name("trac-admin"))
    run(admin, str(folder / "env"), "initenv", "lab", "sqlite:db/trac.db", cwd=folder)


def node(place: Place) -> Node:
    """One server with an environment; `shared` is one for both."""
    environment = place.folder / "env"
    if not environment.exists():
        shutil.copytree(cached("product-trac-environment", b"1", _made) / "env", environment)
    server = str(interpreter().with_name("tracd"))
    return Node(
        name=place.name,
        port=place.port,
        argv=(server, "-s", "--port", str(place.port), "--hostname", "127.0.0.1", str(environment)),
        health=URL,
        patience=120,
    )


PRODUCTS = (
    Product(
        name="trac",
        entrance=URL,
        node=node,
        use=lambda _: Use(visit, FLOW),
        right=UNSHARED | {"store-endpoint-divergence"},
    ),
)
