"""Tomcat's own examples, whose session servlet keeps what a visitor says; sessions are in the memory of each node."""

from __future__ import annotations

import re
import secrets
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from tests.lab.errors import LabError
from tests.lab.process import Program
from tests.lab.products.product import UNSHARED, Node, Place, Product, Use
from tests.lab.servers.tomcat import CATALINA_HOME, CATALINA_PROPERTIES, SERVER_XML

if TYPE_CHECKING:
    import httpx

    from tests.lab.process import Command

EXAMPLES = Path("/usr/share/tomcat10-examples/examples")
PAGE = "/examples/servlets/servlet/SessionExample"
FLOW = {
    "write": {"method": "POST", "path": PAGE, "form": {"dataname": "item", "datavalue": "{marker}"}},
    "read": {"path": PAGE, "expect": "{marker}"},
}


def visit(client: httpx.Client, looks: int) -> list[bool]:
    """Put something into the session and look for it."""
    item = f"naive{secrets.token_hex(6)}"
    client.post(PAGE, data={"dataname": "item", "datavalue": item})
    return [re.search(item, client.get(PAGE).text) is not None for _ in range(looks)]


@dataclass(frozen=True, slots=True)
class Tomcat(Node):
    """A node with the whole of Debian's configuration but for its ports."""

    def prepare(self, home: Path) -> Command:
        """Take the examples as they are."""
        if not EXAMPLES.is_dir():
            raise LabError("tomcat10-examples is not installed: apt-get install tomcat10-examples")
        for folder in ("conf", "temp", "webapps"):
            (home / folder).mkdir(parents=True)
        shutil.copytree(EXAMPLES, home / "webapps" / "examples", symlinks=False)
        shutil.copy("/etc/tomcat10/web.xml", home / "conf" / "web.xml")
        return super(Tomcat, self).prepare(home)


def node(place: Place) -> Node:
    """One Tomcat; its examples have no <distributable/>, so there is nothing to share."""
    jars = ":".join(str(CATALINA_HOME / "bin" / jar) for jar in ("bootstrap.jar", "tomcat-juli.jar"))
    base = str(place.home)
    server = SERVER_XML.format(port=place.port, ajp="", route="", engine="").replace('jvmRoute=""', "")
    return Tomcat(
        name=place.name,
        port=place.port,
        argv=(
            Program("java", "default-jre-headless").path(), "-Xmx128m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1",
            f"-Dcatalina.home={CATALINA_HOME}", f"-Dcatalina.base={base}", f"-Djava.io.tmpdir={base}/temp",
            "-cp", jars, "org.apache.catalina.startup.Bootstrap", "start",
        ),
        files={"conf/server.xml": server, "conf/catalina.properties": CATALINA_PROPERTIES},
        health=PAGE,
        patience=120,
    )  # fmt: skip


PRODUCTS = (
    Product(
        name="tomcat-examples",
        entrance="/examples/",
        looks_like="tomcat-examples",
        node=node,
        use=lambda _: Use(visit, FLOW),
        right=UNSHARED,
        cured_by=("sticky",),
        files=("conf/server.xml",),
        thorough=False,
    ),
)
