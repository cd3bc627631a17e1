"""Tomcat 10.1 with sessions in its own memory and the route in the session id."""

from __future__ import annotations

import shutil
from dataclasses import dataclass, replace
from pathlib import Path

from tests.lab.cache import cached, run
from tests.lab.errors import LabError
from tests.lab.process import Command, Program
from tests.lab.readiness import healthy

SOURCE = Path(__file__).parent.parent / "apps" / "tomcat" / "SessionServlet.java"
CATALINA_HOME = Path("/usr/share/tomcat10")


@dataclass(frozen=True, slots=True)
class Tomcat:
    """One node. `route` is its jvmRoute, the suffix of the session ids it makes; `ajp_port` 0 is no AJP."""

    name: str
    port: int = 0
    ajp_port: int = 0
    route: str = ""

    @property
    def url(self) -> str:
        """The node itself, past the balancer."""
        return f"http://127.0.0.1:{self.port}/"

    @property
    def by_ajp(self) -> Tomcat:
        """The same node as mod_jk knows it, at its AJP port."""
        return replace(self, port=self.ajp_port)

    def prepare(self, home: Path) -> Command:
        """Compile the servlet once; write a CATALINA_BASE."""
        if not CATALINA_HOME.is_dir():
            raise LabError("Tomcat 10 is not installed: apt-get install tomcat10")
        conf, web = home / "conf", home / "webapps" / "ROOT" / "WEB-INF"
        for folder in (conf, web, home / "temp"):
            folder.mkdir(parents=True)
        shutil.copytree(cached("servlet", SOURCE.read_bytes(), _compile), web / "classes")
        (conf / "server.xml").write_text(SERVER_XML.format(port=self.port, ajp=self._ajp(), route=self.route))
        (conf / "web.xml").write_text(EMPTY_WEB_XML)
        (conf / "catalina.properties").write_text(CATALINA_PROPERTIES)
        (web / "web.xml").write_text(WEB_XML)
        return Command((Program("java", "default-jre-headless").path(), *self._options(home)), patience=90)

    def ready(self) -> bool:
        """Whether the servlet answers the health check."""
        return healthy(self.port)

    def _ajp(self) -> str:
        return AJP.format(port=self.ajp_port) if self.ajp_port else ""

    def _options(self, home: Path) -> tuple[str, ...]:
        jars = ":".join(str(CATALINA_HOME / "bin" / jar) for jar in ("bootstrap.jar", "tomcat-juli.jar"))
        properties = {
            "java.net.preferIPv4Stack": "true",
            "java.security.egd": "file:/dev/urandom",
            "lab.node": self.name,
            "catalina.home": str(CATALINA_HOME),
            "catalina.base": str(home),
            "java.io.tmpdir": str(home / "temp"),
        }
        defined = (f"-D{name}={value}" for name, value in properties.items())
        # The client compiler and the serial collector halve the start.
        small = ("-Xms24m", "-Xmx96m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Xshare:auto")
        return (*small, *defined, "-cp", jars, "org.apache.catalina.startup.Bootstrap", "start")


def _compile(folder: Path) -> None:
    api = CATALINA_HOME / "lib" / "servlet-api.jar"
    javac = Program("javac", "default-jdk-headless").path()
    run(javac, "-cp", str(api), "-d", str(folder), str(SOURCE), cwd=folder)


AJP = """
    <Connector port="{port}" address="127.0.0.1" protocol="AJP/1.3" secretRequired="false" maxThreads="10"
               minSpareThreads="2"/>"""
SERVER_XML = """\
<Server port="-1">
  <Service name="Catalina">
    <Connector port="{port}" address="127.0.0.1" protocol="HTTP/1.1" maxThreads="10" minSpareThreads="2"/>{ajp}
    <Engine name="Catalina" defaultHost="localhost" jvmRoute="{route}">
      <Host name="localhost" appBase="webapps" autoDeploy="false" unpackWARs="false"/>
    </Engine>
  </Service>
</Server>
"""
# Without the global one there is no JSP servlet to start.
EMPTY_WEB_XML = '<web-app xmlns="https://jakarta.ee/xml/ns/jakartaee" version="6.0" metadata-complete="true"/>\n'
WEB_XML = """\
<web-app xmlns="https://jakarta.ee/xml/ns/jakartaee" version="6.0" metadata-complete="true">
  <servlet>
    <servlet-name>shop</servlet-name>
    <servlet-class>SessionServlet</servlet-class>
    <load-on-startup>1</load-on-startup>
  </servlet>
  <servlet-mapping>
    <servlet-name>shop</servlet-name>
    <url-pattern>/</url-pattern>
  </servlet-mapping>
  <session-config><session-timeout>30</session-timeout></session-config>
</web-app>
"""
CATALINA_PROPERTIES = """\
common.loader="${catalina.base}/lib","${catalina.base}/lib/*.jar","${catalina.home}/lib","${catalina.home}/lib/*.jar"
server.loader=
shared.loader=
tomcat.util.scan.StandardJarScanFilter.jarsToSkip=*.jar
"""
