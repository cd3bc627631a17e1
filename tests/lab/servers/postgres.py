"""PostgreSQL: a database with a table of sessions."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import psycopg

from tests.lab.errors import LabError
from tests.lab.process import Command, Program

if TYPE_CHECKING:
    from collections.abc import Sequence

_NOBODY = 65534
_FAST = {"fsync": "off", "full_page_writes": "off", "synchronous_commit": "off", "max_connections": "60"}


@dataclass(frozen=True, slots=True)
class Postgres:
    """One server with one user, `shop`, and these databases. `sql` is run in each before anybody uses it."""

    name: str
    port: int = 0
    password: str = ""
    databases: tuple[str, ...] = ("shop",)
    sql: str = ""

    def url(self, database: str = "shop", password: str | None = None) -> str:
        """The address a client is told; `password` only to tell another than the real one."""
        return f"postgresql://shop:{self.password if password is None else password}@127.0.0.1:{self.port}/{database}"

    def prepare(self, home: Path) -> Command:
        """Make the cluster of databases. Its folder is not our own: PostgreSQL refuses to run as root."""
        data, secret = home / "data", home / "password"
        secret.write_text(self.password)
        data.mkdir(mode=0o700)
        home.chmod(0o755)
        if os.geteuid() == 0:
            for path in (data, secret):
                os.chown(path, _NOBODY, _NOBODY)
        self._run("initdb", "-D", str(data), "-U", "shop", "-A", "scram-sha-256", f"--pwfile={secret}", "--no-sync",
                  "--encoding=UTF8", "--locale=C")  # fmt: skip
        options = {"port": str(self.port), "listen_addresses": "127.0.0.1", "unix_socket_directories": "", **_FAST}
        settings = [word for name, value in options.items() for word in ("-c", f"{name}={value}")]
        # SIGINT: end now, without waiting for clients (manual, 18.5).
        return Command((*_unprivileged(), program("postgres"), "-D", str(data), *settings), stop=signal.SIGINT)

    def ready(self) -> bool:
        """Whether it answers; makes the databases."""
        try:
            with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
                there = {name for (name,) in connection.execute("SELECT datname FROM pg_database")}
                for name in set(self.databases) - there:
                    connection.execute(f'CREATE DATABASE "{name}"'.encode())
            for name in self.databases:
                if self.sql and name not in there:
                    with psycopg.connect(self.url(name)) as connection:
                        connection.execute(self.sql.encode())
        except psycopg.OperationalError:
            return False
        return True

    def _run(self, name: str, *words: str) -> None:
        done = subprocess.run(
            [*_unprivileged(), program(name), *words],
            capture_output=True, text=True, cwd="/", check=False, stdin=subprocess.DEVNULL,
        )  # fmt: skip
        if done.returncode:
            raise LabError(f"{name} failed:\n{done.stdout}{done.stderr}")


def program(name: str) -> str:
    """The newest version that Debian has installed; none of them is in PATH."""
    found = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"), key=lambda path: int(path.parts[4]))
    if not found and not shutil.which(name):
        raise LabError(f"{name} is not installed: apt-get install postgresql")
    return str(found[-1]) if found else str(shutil.which(name))


def _unprivileged() -> Sequence[str]:
    if os.geteuid():
        return ()
    setpriv = Program("setpriv", "util-linux").path()
    return (setpriv, f"--reuid={_NOBODY}", f"--regid={_NOBODY}", "--clear-groups", "--")
