"""Jakarta Faces by Mojarra on Tomcat: the state of a view is in the HTTP session by default, that in the node."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tests.lab.cache import cached, run
from tests.lab.process import Program
from tests.lab.products.product import UNSHARED, Node, Place, Product, Use
from tests.lab.products.visitor import submit
from tests.lab.servers.tomcat import CATALINA_HOME, CATALINA_PROPERTIES, SERVER_XML

if TYPE_CHECKING:
    from pathlib import Path

    import httpx

    from tests.lab.process import Command

POM = """\
<project xmlns="http://maven.apache.org/POM/4.0.0"><modelVersion>4.0.0</modelVersion>
<groupId>lab</groupId><artifactId>faces</artifactId><version>1</version>
<dependencies>
<dependency><groupId>org.glassfish</groupId><artifactId>jakarta.faces</artifactId><version>4.0.5</version></dependency>
<dependency><groupId>org.jboss.weld.servlet</groupId><artifactId>weld-servlet-shaded</artifactId>
<version>5.1.2.Final</version></dependency>
</dependencies></project>
"""
WEB_XML = """\
<web-app xmlns="https://jakarta.ee/xml/ns/jakartaee" version="6.0">
<servlet><servlet-name>faces</servlet-name><servlet-class>jakarta.faces.webapp.FacesServlet</servlet-class></servlet>
<servlet-mapping><servlet-name>faces</servlet-name><url-pattern>*.xhtml</url-pattern></servlet-mapping>
<welcome-file-list><welcome-file>index.xhtml</welcome-file></welcome-file-list>
</web-app>
"""
PAGE = """\
<!DOCTYPE html>
<html xmlns="http://www.w3.org/1999/xhtml" xmlns:h="jakarta.faces.html">
<h:head><title>Guest book</title></h:head>
<h:body>
<h:form id="guest"><h:inputText id="name" value="#{sessionScope['name']}"/><h:commandButton id="send" value="Send"/></h:form>
<p>Hello <h:outputText value="#{sessionScope['name']}"/></p>
</h:body>
</html>
"""  # noqa: E501 - a page
CONTEXT = '<Context><Resource name="BeanManager" auth="Container" type="jakarta.enterprise.inject.spi.BeanManager" factory="org.jboss.weld.resources.ManagerObjectFactory"/></Context>\n'  # noqa: E501 - a line of XML
URL = "/index.xhtml"
FLOW = {
    "write": [{"path": URL}, {"form": "auto", "fields": {"guest:name": "{marker}"}}],
    "read": {"path": URL, "expect": "{marker}"},
}


def visit(client: httpx.Client, looks: int) -> list[bool]:
    """Tell one's name by the form, and look whether the page greets by it."""
    submit(client, client.get(URL), {"guest:name": "naive-visitor"})
    return ["Hello naive-visitor" in client.get(URL).text for _ in range(looks)]


def _fetch(folder: Path) -> None:
    (folder / "pom.xml").write_text(POM)
    goal = ("dependency:copy-dependencies", f"-DoutputDirectory={folder}", "-DincludeScope=runtime")
    run(Program("mvn", "maven").path(), "-q", "-B", *goal, cwd=folder)


@dataclass(frozen=True, slots=True)
class Faces(Node):
    """A Tomcat with one application of one page."""

    def prepare(self, home: Path) -> Command:
        """Lay out the application."""
        web = home / "webapps" / "ROOT" / "WEB-INF"
        for folder in (home / "conf", home / "temp", web):
            folder.mkdir(parents=True)
        shutil.copy("/etc/tomcat10/web.xml", home / "conf" / "web.xml")
        shutil.copytree(
            cached("product-mojarra", POM.encode(), _fetch), web / "lib", ignore=shutil.ignore_patterns("pom.xml")
        )
        (web / "web.xml").write_text(WEB_XML)
        (web / "beans.xml").write_text("")
        (web.parent / "index.xhtml").write_text(PAGE)
        (web.parent / "META-INF").mkdir()
        (web.parent / "META-INF" / "context.xml").write_text(CONTEXT)
        return super(Faces, self).prepare(home)


def node(place: Place) -> Node:
    """One Tomcat."""
    jars = ":".join(str(CATALINA_HOME / "bin" / jar) for jar in ("bootstrap.jar", "tomcat-juli.jar"))
    base = str(place.home)
    server = SERVER_XML.format(port=place.port, ajp="", route="", engine="").replace('jvmRoute=""', "")
    return Faces(
        name=place.name,
        port=place.port,
        argv=(
            Program("java", "default-jre-headless").path(), "-Xmx192m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1",
            f"-Dcatalina.home={CATALINA_HOME}",
            f"-Dcatalina.base={base}", f"-Djava.io.tmpdir={base}/temp", "-cp", jars,
            "org.apache.catalina.startup.Bootstrap", "start",
        ),
        files={
            "conf/server.xml": server,
            "conf/catalina.properties": CATALINA_PROPERTIES,
        },
        health=URL,
        patience=180,
    )  # fmt: skip


PRODUCTS = (
    Product(
        name="jsf",
        entrance=URL,
        looks_like="jsf",
        node=node,
        use=lambda _: Use(visit, FLOW),
        right=UNSHARED,
        cured_by=("sticky",),
        files=("conf/server.xml",),
    ),
)
