"""WildFly 34 from Maven Central: web sessions in an Infinispan cache, over JGroups."""

from __future__ import annotations

import shutil
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from zipfile import ZipFile

from tests.lab.cache import cached, run
from tests.lab.process import Command, Program
from tests.lab.readiness import healthy
from tests.lab.servers.tomcat import compiled_shop

if TYPE_CHECKING:
    from pathlib import Path

VERSION = "34.0.1.Final"
ARTIFACT = f"org.wildfly:wildfly-dist:{VERSION}:zip"


@dataclass(frozen=True, slots=True)
class WildFly:
    """One node.

    Attributes:
        management: the port of its management API.
        group: the port where it takes other members; `members` are those that it looks for.
        watch: the port where others see whether it lives.
        distributable: whether the application says that its sessions may be copied.
        password: of the user `doctor` of its management API.
    """

    name: str
    port: int = 0
    management: int = 0
    group: int = 0
    watch: int = 0
    members: tuple[int, ...] = ()
    distributable: bool = True
    password: str = field(default="", repr=False)

    @property
    def url(self) -> str:
        """The node itself, past the balancer."""
        return f"http://127.0.0.1:{self.port}/"

    def prepare(self, home: Path) -> Command:
        """Fetch the server once; give the node a folder of its own, with the shop in it."""
        server = cached("wildfly", ARTIFACT.encode(), _fetch)
        base = home / "base"
        shutil.copytree(server / "standalone", base)
        self._configure(base / "configuration" / "standalone-ha.xml")
        web = base / "deployments" / "ROOT.war" / "WEB-INF"
        web.mkdir(parents=True)
        shutil.copytree(compiled_shop(), web / "classes")
        (web / "web.xml").write_text(WEB_XML.format(more="<distributable/>" if self.distributable else ""))
        (base / "deployments" / "ROOT.war.dodeploy").touch()
        user = ("-sc", str(base / "configuration"), "-u", "doctor", "-p", self.password)
        run(str(server / "bin" / "add-user.sh"), *user, cwd=home)
        java = Program("java", "default-jre-headless").path()
        return Command((java, *self._options(server, base)), patience=180)

    def ready(self) -> bool:
        """Whether the servlet answers the health check."""
        return healthy(self.port)

    def _configure(self, file: Path) -> None:
        """Members by address, as there is no multicast in most networks."""
        hosts = ",".join(f"127.0.0.1[{port}]" for port in self.members)
        changes = {
            '<socket-protocol type="MPING" socket-binding="jgroups-mping"/>': TCPPING.format(hosts=hosts),
            '<channel name="ee" stack="udp"': '<channel name="ee" stack="tcp"',
            'port="7600"': f'port="{self.group}"',
            'port="57600"': f'port="{self.watch}"',
            'port="4712"': 'port="0"',
            'port="4713"': 'port="0"',
        }
        told = file.read_text()
        for before, after in changes.items():
            assert before in told, f"WildFly's configuration has changed: {before} is not in it"
            told = told.replace(before, after)
        file.write_text(told)

    def _options(self, server: Path, base: Path) -> tuple[str, ...]:
        properties = {
            "java.net.preferIPv4Stack": "true",
            "jboss.node.name": self.name,
            "lab.node": self.name,
            "jboss.server.base.dir": str(base),
            "jboss.home.dir": str(server),
            "jboss.http.port": str(self.port),
            "jboss.management.http.port": str(self.management),
            "jboss.ajp.port": "0",
            "jboss.https.port": "0",
            "jboss.management.https.port": "0",
            "jboss.bind.address.private": "127.0.0.1",
        }
        small = ("-Xms64m", "-Xmx256m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1")
        opens = (f"--add-opens=java.base/java.{part}=ALL-UNNAMED" for part in OPENED)
        defined = (f"-D{name}={value}" for name, value in properties.items())
        modules = ("-jar", str(server / "jboss-modules.jar"), "-mp", str(server / "modules"))
        return (*small, *opens, *defined, *modules, "org.jboss.as.standalone", "-c", "standalone-ha.xml")


def _fetch(folder: Path) -> None:
    goal = ("dependency:copy", f"-Dartifact={ARTIFACT}", f"-DoutputDirectory={folder}")
    run(Program("mvn", "maven").path(), "-q", "-B", *goal, cwd=folder, seconds=900)
    (archive,) = folder.glob("*.zip")
    with ZipFile(archive) as packed:
        packed.extractall(folder)
    archive.unlink()
    (root,) = folder.glob("wildfly-*")
    for part in root.iterdir():
        part.rename(folder / part.name)
    (folder / "bin" / "add-user.sh").chmod(0o755)


OPENED = ("lang", "util", "io", "lang.invoke", "util.concurrent", "security", "net")
TCPPING = """<protocol type="TCPPING">
                        <property name="initial_hosts">{hosts}</property>
                        <property name="port_range">0</property>
                    </protocol>"""
WEB_XML = """\
<web-app xmlns="https://jakarta.ee/xml/ns/jakartaee" version="6.0" metadata-complete="true">
  {more}
  <servlet>
    <servlet-name>shop</servlet-name>
    <servlet-class>SessionServlet</servlet-class>
    <load-on-startup>1</load-on-startup>
  </servlet>
  <servlet-mapping>
    <servlet-name>shop</servlet-name>
    <url-pattern>/</url-pattern>
  </servlet-mapping>
</web-app>
"""
