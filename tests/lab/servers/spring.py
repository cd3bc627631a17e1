"""Spring Boot 3 with Spring Session in Redis, PostgreSQL or Hazelcast; without it, in the embedded Tomcat's memory."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal
from zipfile import ZipFile

from tests.lab.cache import cached, run
from tests.lab.process import Command, Program
from tests.lab.readiness import healthy

SOURCES = Path(__file__).parent.parent / "apps" / "spring"
VERSION = "3.5.7"

Kind = Literal["redis", "jdbc", "hazelcast", "memory"]


@dataclass(frozen=True, slots=True)
class Spring:
    """One node.

    Attributes:
        kind: where its sessions are. Spring Boot decides that by the libraries it finds.
        settings: Spring's own, such as `spring.session.timeout`.
        serializer: `json` instead of Java's own format, in Redis.
        cart_version: the serialVersionUID of its class `Cart`.
        grid_port: where it takes other members of Hazelcast.
        members: the `grid_port` of all that it looks for.
        backups: how many further copies of each session there are in Hazelcast.
    """

    name: str
    port: int = 0
    kind: Kind = "redis"
    settings: Mapping[str, str] = field(default_factory=dict)
    serializer: Literal["java", "json"] = "java"
    cart_version: int = 1
    grid_port: int = 0
    members: tuple[int, ...] = ()
    backups: int = 1

    @property
    def url(self) -> str:
        """The node itself, past the balancer."""
        return f"http://127.0.0.1:{self.port}/"

    def prepare(self, home: Path) -> Command:
        """Fetch the libraries and compile the shop, each once; write application.properties."""
        properties = {"server.port": str(self.port), "server.address": "127.0.0.1", **QUIET, **self.settings}
        (home / "application.properties").write_text("".join(f"{key}={value}\n" for key, value in properties.items()))
        if self.kind == "hazelcast":
            (home / GRID_FILE).write_text(GRID_YAML.format(backups=self.backups))
        path = ":".join(str(place) for place in (_classes(self.cart_version), *_jars(self.kind)))
        java = Program("java", "default-jre-headless").path()
        # The client compiler and the serial collector halve the start.
        small = ("-Xms24m", "-Xmx96m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Xshare:auto")
        return Command((java, *small, "-cp", path, "Shop"), self._env(home), patience=90)

    def ready(self) -> bool:
        """Whether it answers its health check."""
        return healthy(self.port)

    def _env(self, home: Path) -> dict[str, str]:
        return {
            "NODE": self.name,
            "LAB_SERIALIZER": self.serializer,
            "LAB_GRID": str(home / GRID_FILE),
            "LAB_PORT": str(self.grid_port),
            "LAB_MEMBERS": ",".join(f"127.0.0.1:{port}" for port in self.members),
        }


def schema() -> str:
    """The statements that make Spring Session's tables in PostgreSQL, as they come with it."""
    (jar,) = cached("spring", POM.encode(), _fetch).glob("spring-session-jdbc-*.jar")
    with ZipFile(jar) as archive:
        return archive.read("org/springframework/session/jdbc/schema-postgresql.sql").decode()


def _jars(kind: Kind) -> list[Path]:
    """The libraries of a node: what Spring Boot does not find, it does not use."""
    every = sorted(cached("spring", POM.encode(), _fetch).glob("*.jar"))
    return [jar for jar in every if not jar.name.startswith(ABSENT[kind])]


def _fetch(folder: Path) -> None:
    (folder / "pom.xml").write_text(POM)
    goal = ("dependency:copy-dependencies", f"-DoutputDirectory={folder}", "-DincludeScope=runtime")
    run(Program("mvn", "maven").path(), "-q", "-B", *goal, cwd=folder)


def _classes(cart_version: int) -> Path:
    """The compiled shop with this version of its cart."""
    sources = {file.name: file.read_text() for file in sorted(SOURCES.glob("*.java"))}
    sources["Cart.java"] = sources["Cart.java"].replace("UID = 1L", f"UID = {cart_version}L")
    libraries = cached("spring", POM.encode(), _fetch)

    def compiled(folder: Path) -> None:
        for name, text in sources.items():
            (folder / name).write_text(text)
        javac, path = Program("javac", "default-jdk-headless").path(), f"{libraries}/*"
        run(javac, "-parameters", "-proc:none", "-cp", path, "-d", str(folder), *sources, cwd=folder)

    return cached("spring-shop", (POM + "".join(sources.values())).encode(), compiled)


GRID_FILE = "hazelcast.yaml"
GRID_YAML = """\
hazelcast:
  map:
    "spring:session:sessions":
      backup-count: {backups}
"""
QUIET = {
    "spring.main.lazy-initialization": "true",
    "spring.main.banner-mode": "off",
    "spring.data.redis.repositories.enabled": "false",
    "server.tomcat.threads.max": "10",
}
_GRID = ("hazelcast", "spring-session-hazelcast")
_SQL = ("HikariCP", "postgresql", "spring-boot-starter-jdbc", "spring-jdbc", "spring-session-jdbc")
ABSENT = {
    "redis": (*_GRID, *_SQL),
    "jdbc": (*_GRID, "spring-session-data-redis"),
    "hazelcast": (*_SQL, "spring-session-data-redis"),
    "memory": (*_GRID, *_SQL, "spring-session"),
}
DEPENDENCIES = (
    "org.springframework.boot:spring-boot-starter-web",
    "org.springframework.boot:spring-boot-starter-data-redis",
    "org.springframework.session:spring-session-data-redis",
    "org.springframework.boot:spring-boot-starter-jdbc",
    "org.springframework.session:spring-session-jdbc",
    "org.postgresql:postgresql",
    "org.springframework.session:spring-session-hazelcast",
    "com.hazelcast:hazelcast",
)


def _dependency(name: str) -> str:
    group, artifact = name.split(":")
    return f"<dependency><groupId>{group}</groupId><artifactId>{artifact}</artifactId></dependency>"


POM = f"""\
<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>lab</groupId><artifactId>spring</artifactId><version>1</version>
  <dependencyManagement><dependencies><dependency>
    <groupId>org.springframework.boot</groupId><artifactId>spring-boot-dependencies</artifactId>
    <version>{VERSION}</version><type>pom</type><scope>import</scope>
  </dependency></dependencies></dependencyManagement>
  <dependencies>
    {"".join(map(_dependency, DEPENDENCIES))}
  </dependencies>
</project>
"""
