"""Redisson's session manager: Tomcat's sessions in Redis."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tests.lab.cache import cached, run
from tests.lab.process import Program

if TYPE_CHECKING:
    from pathlib import Path

VERSION = "3.52.0"


@dataclass(frozen=True, slots=True)
class Redisson:
    """Where and how one node keeps its sessions.

    Attributes:
        codec: the class; Redisson's default is `codec.Kryo5Codec`, and `codec.SerializationCodec` is Java's own.
        prefix: of the keys, before `:redisson:tomcat_session:`.
        own_copy: each node answers from its own copy of a session, Redisson's default, and is not told of changes that
            others make.
    """

    redis: int = 0
    database: int = 0
    password: str = ""
    codec: str = "codec.SerializationCodec"
    prefix: str = ""
    own_copy: bool = False

    @property
    def libraries(self) -> Path:
        """Redisson and what it needs, from Maven Central, fetched once."""
        return cached("redisson", POM.encode(), _fetch)

    @property
    def engine(self) -> str:
        """Nothing."""
        return ""

    @property
    def web(self) -> str:
        """Nothing."""
        return ""

    @property
    def manager(self) -> str:
        """The manager of the only context."""
        prefix = f'keyPrefix="{self.prefix}"' if self.prefix else ""
        mode = 'readMode="MEMORY" broadcastSessionUpdates="false"' if self.own_copy else 'readMode="REDIS"'
        return (
            '<Manager className="org.redisson.tomcat.RedissonSessionManager" '
            f'configPath="${{catalina.base}}/conf/redisson.yaml" {mode} updateMode="DEFAULT" {prefix}/>'
        )

    def prepare(self, conf: Path) -> None:
        """Write redisson.yaml."""
        (conf / "redisson.yaml").write_text(
            YAML.format(port=self.redis, database=self.database, password=self.password, codec=self.codec)
        )


def _fetch(folder: Path) -> None:
    (folder / "pom.xml").write_text(POM)
    goal = ("dependency:copy-dependencies", f"-DoutputDirectory={folder}", "-DincludeScope=runtime")
    run(Program("mvn", "maven").path(), "-q", "-B", *goal, cwd=folder)


YAML = """\
singleServerConfig:
  address: "redis://127.0.0.1:{port}"
  password: "{password}"
  database: {database}
  connectionMinimumIdleSize: 1
  connectionPoolSize: 4
  subscriptionConnectionMinimumIdleSize: 1
  subscriptionConnectionPoolSize: 2
  retryAttempts: 1
threads: 2
nettyThreads: 2
codec: !<org.redisson.{codec}> {{}}
"""
POM = f"""\
<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>lab</groupId><artifactId>redisson</artifactId><version>1</version>
  <dependencies>
    <dependency>
      <groupId>org.redisson</groupId><artifactId>redisson-tomcat-10</artifactId><version>{VERSION}</version>
    </dependency>
    <dependency>
      <groupId>org.redisson</groupId><artifactId>redisson</artifactId><version>{VERSION}</version>
    </dependency>
  </dependencies>
</project>
"""
