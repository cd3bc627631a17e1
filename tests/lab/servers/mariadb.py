"""MariaDB: a database with a table of sessions."""

from __future__ import annotations

import os
import subprocess
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pymysql

from tests.lab.errors import LabError
from tests.lab.process import Command, Program

if TYPE_CHECKING:
    from pathlib import Path

_NOBODY = 65534


@dataclass(frozen=True, slots=True)
class MariaDb:
    """One server with one user, `shop`, and these databases; `sql` is run in each before anybody uses it."""

    name: str
    port: int = 0
    password: str = ""
    databases: tuple[str, ...] = ("shop",)
    sql: str = ""

    def url(self, database: str = "shop", password: str | None = None) -> str:
        """The address a client is told; `password` only to tell another than the real one."""
        return f"mysql://shop:{self.password if password is None else password}@127.0.0.1:{self.port}/{database}"

    def prepare(self, home: Path) -> Command:
        """Make the system tables, which takes some seconds. Its folder is not our own: it refuses to run as root."""
        data, init = home / "data", home / "init.sql"
        data.mkdir()
        init.write_text(
            f"CREATE USER shop@'127.0.0.1' IDENTIFIED BY '{self.password}';\nGRANT ALL ON *.* TO shop@'127.0.0.1';\n"
        )
        home.chmod(0o755)
        user: tuple[str, ...] = ()
        if os.geteuid() == 0:
            user = ("--user=nobody",)
            for path in (data, init):
                os.chown(path, _NOBODY, _NOBODY)
        install = Program("mariadb-install-db", "mariadb-server").path()
        done = subprocess.run(
            [install, "--no-defaults", f"--datadir={data}", *user, "--skip-test-db"],
            capture_output=True, text=True, cwd="/", check=False, stdin=subprocess.DEVNULL,
        )  # fmt: skip
        if done.returncode:
            raise LabError(f"mariadb-install-db failed:\n{done.stdout}{done.stderr}")
        server = Program("mariadbd", "mariadb-server").path()
        options = (
            f"--datadir={data}", f"--port={self.port}", "--bind-address=127.0.0.1", f"--socket={data}/s",
            f"--init-file={init}", "--innodb-flush-log-at-trx-commit=0", "--skip-name-resolve",
            f"--pid-file={data}/pid",
        )  # fmt: skip
        return Command((server, "--no-defaults", *options, *user))

    def ready(self) -> bool:
        """Whether it answers; makes the databases and their tables."""
        try:
            connection = self.connect("")
        except pymysql.OperationalError:
            return False
        with connection, connection.cursor() as cursor:
            cursor.execute("SHOW DATABASES")
            there = {name for (name,) in cursor.fetchall()}
            for name in self.databases:
                if name not in there:
                    self._make(name, cursor)
        return True

    def connect(self, database: str = "shop") -> pymysql.Connection[Any]:
        """A plain client, for readiness and for proofs."""
        return pymysql.connect(
            host="127.0.0.1", port=self.port, user="shop", password=self.password, database=database, autocommit=True
        )

    def _make(self, database: str, cursor: Any) -> None:
        cursor.execute(f"CREATE DATABASE {database}")
        cursor.execute(f"USE {database}")
        for statement in filter(str.strip, self.sql.split(";")):
            cursor.execute(statement)
