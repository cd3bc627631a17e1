"""The console of the H2 database: its sessions are in the memory of the process, and their ids in its URLs."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from tests.lab.cache import cached, run
from tests.lab.process import Program
from tests.lab.products.product import UNSHARED, Node, Place, Product, Use

if TYPE_CHECKING:
    from pathlib import Path

    import httpx

ARTIFACT = "com.h2database:h2:2.3.232"
GERMAN = "Verbinden"
FLOW = {
    "write": [
        {"path": "/", "extract": {"sid": {"regex": "jsessionid=([0-9a-f]+)"}}},
        {"path": "/index.do", "query": {"jsessionid": "{sid}", "language": "de"}},
    ],
    "read": {"path": "/login.jsp", "query": {"jsessionid": "{sid}"}, "expect": GERMAN},
}


def visit(client: httpx.Client, looks: int) -> list[bool]:
    """Asks for German, and looks whether the login page stays German."""
    found = re.search(r"jsessionid=([0-9a-f]+)", client.get("/").text)
    assert found, "the first page leads nowhere"
    client.get("/index.do", params={"jsessionid": found[1], "language": "de"})
    return [GERMAN in client.get("/login.jsp", params={"jsessionid": found[1]}).text for _ in range(looks)]


def _fetch(folder: Path) -> None:
    goal = ("dependency:copy", f"-Dartifact={ARTIFACT}", f"-DoutputDirectory={folder}", "-Dmdep.stripVersion=true")
    run(Program("mvn", "maven").path(), "-q", "-B", *goal, cwd=folder)


def node(place: Place) -> Node:
    """One process."""
    jar = cached("product-h2", ARTIFACT.encode(), _fetch) / "h2.jar"
    options = ("-web", "-webPort", str(place.port), "-properties", "null")
    java = (Program("java", "default-jre-headless").path(), "-Xmx64m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1")
    return Node(
        name=place.name,
        port=place.port,
        argv=(*java, "-cp", str(jar), "org.h2.tools.Server", *options),
        patience=120,
    )


PRODUCTS = (
    Product(
        name="h2-console",
        node=node,
        use=lambda _: Use(visit, FLOW),
        right=UNSHARED | {"header-session-without-affinity"},
        cured_by=("sticky",),
    ),
)
