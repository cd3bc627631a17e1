"""Tomcat 10.1 with sessions in its own memory and the route in the session id."""

from __future__ import annotations

import shutil
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Protocol

from tests.lab.cache import cached, run
from tests.lab.errors import LabError
from tests.lab.process import Command, Program
from tests.lab.readiness import healthy
from tests.lab.servers.express import faketime

SOURCES = Path(__file__).parent.parent / "apps" / "tomcat"
CATALINA_HOME = Path("/usr/share/tomcat10")
MANAGER = Path("/usr/share/tomcat10-admin/manager")


class Sessions(Protocol):
    """Where a node keeps its sessions."""

    def prepare(self, conf: Path) -> None:
        """Write its own files into the folder."""

    @property
    def libraries(self) -> Path | None:
        """A folder with jars that Tomcat needs."""

    @property
    def engine(self) -> str:
        """What goes into `<Engine>`."""

    @property
    def manager(self) -> str:
        """What goes into `<Context>`."""

    @property
    def web(self) -> str:
        """What goes into `<web-app>`."""


@dataclass(frozen=True, slots=True)
class Tomcat:
    """One node.

    Attributes:
        ajp_port: 0 is no AJP.
        route: its jvmRoute, the suffix of the session ids it makes.
        sessions: where it keeps them if not in its own memory.
        cart_version: the serialVersionUID of its class `Cart`.
        attribute: `refused` or `hidden`: what it keeps in a session cannot be serialised; `mutated`: it changes the
            cart without putting it into the session again.
        timeout_m: minutes that a session may be idle.
        clock: an offset such as "+40m"; empty for the real time.
        manager: the password of the user `doctor` of Tomcat's own manager, whose JMX proxy tells its state; empty for
            no manager.
    """

    name: str
    port: int = 0
    ajp_port: int = 0
    route: str = ""
    sessions: Sessions | None = None
    cart_version: int = 1
    attribute: str = ""
    timeout_m: int = 30
    clock: str = ""
    manager: str = field(default="", repr=False)

    @property
    def url(self) -> str:
        """The node itself, past the balancer."""
        return f"http://127.0.0.1:{self.port}/"

    def jmx(self, password: str) -> str:
        """Its JMX proxy, for who has the password."""
        return f"http://doctor:{password}@127.0.0.1:{self.port}/manager/jmxproxy"

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
        shutil.copytree(compiled_shop(self.cart_version), web / "classes")
        engine = (self.sessions.engine if self.sessions else "") + self._manager(home)
        (conf / "server.xml").write_text(
            SERVER_XML.format(port=self.port, ajp=self._ajp(), route=self.route, engine=engine)
        )
        if self.sessions:
            self._store(home, self.sessions)
        (conf / "web.xml").write_text(EMPTY_WEB_XML)
        (conf / "catalina.properties").write_text(CATALINA_PROPERTIES)
        (web / "web.xml").write_text(
            WEB_XML.format(timeout_m=self.timeout_m, more=self.sessions.web if self.sessions else "")
        )
        java = Program("java", "default-jre-headless").path()
        return Command((java, *self._options(home)), faketime(self.clock), patience=90)

    def ready(self) -> bool:
        """Whether the servlet answers the health check."""
        return healthy(self.port)

    def _store(self, home: Path, sessions: Sessions) -> None:
        sessions.prepare(home / "conf")
        (home / "conf" / "context.xml").write_text(f"<Context>{sessions.manager}</Context>\n")
        if sessions.libraries:
            (home / "lib").symlink_to(sessions.libraries)

    def _manager(self, home: Path) -> str:
        """Tomcat's manager beside the shop, and who may use it."""
        if not self.manager:
            return ""
        if not MANAGER.is_dir():
            raise LabError("Tomcat's manager is not installed: apt-get install tomcat10-admin")
        (home / "webapps" / "manager").symlink_to(MANAGER)
        (home / "conf" / "tomcat-users.xml").write_text(USERS_XML.format(password=self.manager))
        return REALM

    def _ajp(self) -> str:
        return AJP.format(port=self.ajp_port) if self.ajp_port else ""

    def _options(self, home: Path) -> tuple[str, ...]:
        jars = ":".join(str(CATALINA_HOME / "bin" / jar) for jar in ("bootstrap.jar", "tomcat-juli.jar"))
        properties = {
            "java.net.preferIPv4Stack": "true",
            "java.security.egd": "file:/dev/urandom",
            "lab.node": self.name,
            "lab.attribute": self.attribute,
            "catalina.home": str(CATALINA_HOME),
            "catalina.base": str(home),
            "java.io.tmpdir": str(home / "temp"),
        }
        defined = (f"-D{name}={value}" for name, value in properties.items())
        # The client compiler and the serial collector halve the start.
        small = ("-Xms24m", "-Xmx96m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Xshare:auto")
        return (*small, *defined, "-cp", jars, "org.apache.catalina.startup.Bootstrap", "start")


def compiled_shop(cart_version: int = 1) -> Path:
    """The compiled shop with this version of its cart."""
    sources = {file.name: file.read_text() for file in sorted(SOURCES.glob("*.java"))}
    sources["Cart.java"] = sources["Cart.java"].replace("UID = 1L", f"UID = {cart_version}L")

    def compiled(folder: Path) -> None:
        for name, text in sources.items():
            (folder / name).write_text(text)
        javac, api = Program("javac", "default-jdk-headless").path(), CATALINA_HOME / "lib" / "servlet-api.jar"
        run(javac, "-cp", str(api), "-d", str(folder), *(str(folder / name) for name in sources), cwd=folder)

    return cached("servlet", "".join(sources.values()).encode(), compiled)


AJP = """
    <Connector port="{port}" address="127.0.0.1" protocol="AJP/1.3" secretRequired="false" maxThreads="10"
               minSpareThreads="2"/>"""
REALM = """
      <Realm className="org.apache.catalina.realm.MemoryRealm" pathname="conf/tomcat-users.xml"/>"""
USERS_XML = """\
<tomcat-users xmlns="http://tomcat.apache.org/xml">
  <user username="doctor" password="{password}" roles="manager-jmx"/>
</tomcat-users>
"""
SERVER_XML = """\
<Server port="-1">
  <Service name="Catalina">
    <Connector port="{port}" address="127.0.0.1" protocol="HTTP/1.1" maxThreads="10" minSpareThreads="2"/>{ajp}
    <Engine name="Catalina" defaultHost="localhost" jvmRoute="{route}">{engine}
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
  {more}
  <session-config><session-timeout>{timeout_m}</session-timeout></session-config>
</web-app>
"""
CATALINA_PROPERTIES = """\
common.loader="${catalina.base}/lib","${catalina.base}/lib/*.jar","${catalina.home}/lib","${catalina.home}/lib/*.jar"
server.loader=
shared.loader=
tomcat.util.scan.StandardJarScanFilter.jarsToSkip=*.jar
"""
