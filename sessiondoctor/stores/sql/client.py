"""A reading connection to a SQL database.

Drivers block, so each works in a thread. Everything is asked in read-only transactions with a limit on the time of a
statement; where even that is not kept, the connection is cut from here.
"""

from __future__ import annotations

import asyncio
import os
import socket
import struct
import warnings
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import quote

from sessiondoctor.errors import Unavailable
from sessiondoctor.stores.sql.address import SqlAddress, parse_url
from sessiondoctor.stores.sql.refusal import SqlTrouble, refusal, too_late

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from sqlalchemy.engine import Connection, Engine

    from sessiondoctor.redact import Redactor
    from sessiondoctor.stores.sql.address import Product
    from sessiondoctor.topology.secret import Secret

HANDSHAKE = 12
"""Statements that SQLAlchemy and we send before the first question."""

PROLOGUE = 4
"""Statements at the beginning of each question, and its end."""

CONNECT_S = 4
STATEMENT_S = 5
_PATIENCE_S = CONNECT_S + STATEMENT_S + 2.0  # after which what should have ended is cut off
_MISSING = "pip install 'sessiondoctor[sql]'"
_DRIVERS: dict[Product, str] = {
    "postgresql": "postgresql+psycopg",
    "mysql": "mysql+pymysql",
    "sqlite": "sqlite+pysqlite",
}
_POSTGRESQL = (
    "SET TRANSACTION READ ONLY",
    f"SET LOCAL statement_timeout = {STATEMENT_S * 1000}",
    "SET LOCAL lock_timeout = 1000",
)
_MYSQL = ("SET SESSION TRANSACTION READ ONLY", "SET SESSION time_zone = '+00:00'")
_LIMIT = {
    True: f"SET SESSION max_statement_time = {STATEMENT_S}",  # MariaDB, seconds
    False: f"SET SESSION max_execution_time = {STATEMENT_S * 1000}",  # MySQL from 5.7.8, milliseconds
}

# What drivers raise where they read what is no answer of their database.
_GARBLED = (OSError, ValueError, LookupError, TypeError, AttributeError, AssertionError, struct.error)

Answer = TypeVar("Answer")


@dataclass(slots=True)
class Link:
    """One connection, used by one question at a time."""

    address: SqlAddress
    engine: Any = field(repr=False)  # of SQLAlchemy, which is not imported before it is needed
    turn: asyncio.Lock = field(default_factory=asyncio.Lock, repr=False)
    connection: Any = field(default=None, repr=False)

    @property
    def place(self) -> str:
        """What messages call it."""
        return self.address.place

    async def ask(self, question: Callable[[Connection], Answer]) -> Answer:
        """The answer to a question, from a transaction of its own.

        Raises:
            SqlTrouble: the database refuses, or does not answer in time.
        """
        async with self.turn:
            return await self._in_thread(lambda: self._asked(question))

    async def open(self) -> None:
        """Connects.

        Raises:
            SqlTrouble: it refuses.
        """
        async with self.turn:
            await self._in_thread(self._connect)

    async def aclose(self) -> None:
        """Ends the connection."""
        async with self.turn:
            await asyncio.to_thread(self._close)

    async def _in_thread(self, work: Callable[[], Answer]) -> Answer:
        task = asyncio.ensure_future(asyncio.to_thread(_reworded, self.place, work))
        try:
            return await asyncio.wait_for(asyncio.shield(task), _PATIENCE_S)
        except TimeoutError:
            raise too_late(self.place) from None
        finally:
            if not task.done():
                self._cut()
                task.add_done_callback(_forget)

    def _connect(self) -> None:
        self.connection = self.engine.connect()

    def _asked(self, question: Callable[[Connection], Answer]) -> Answer:
        if self.connection is None:
            raise too_late(self.place)
        with self.connection.begin():
            for statement in _prologue(self.connection):
                self.connection.exec_driver_sql(statement)
            return question(self.connection)

    def _cut(self) -> None:
        """Ends what still runs in another thread: interrupts SQLite, hangs up on a server."""
        connection, self.connection = self.connection, None
        driver: Any = connection.connection.driver_connection if connection else None
        if driver is None:
            return
        if self.address.product == "sqlite":
            driver.interrupt()
        elif self.address.product == "postgresql":
            _hang_up(driver.fileno())
        # PyMySQL has time limits of its own for each read and write.

    def _close(self) -> None:
        if self.connection is not None:
            self.connection.close()
        self.engine.dispose()


@asynccontextmanager
async def connect(urls: tuple[Secret, ...], redactor: Redactor) -> AsyncIterator[Link]:
    """A connection to the database that the first URL names.

    Raises:
        SqlTrouble: it refuses.
        Unavailable: the URL cannot be read, the driver is missing, or there is no such file here.
    """
    address = parse_url(urls[0])
    redactor.hide(address.password)
    async with connect_to(address) as link:
        yield link


@asynccontextmanager
async def connect_to(address: SqlAddress) -> AsyncIterator[Link]:
    """A connection to this database.

    Raises:
        SqlTrouble: it refuses.
        Unavailable: the driver is missing, or there is no such file here.
    """
    link = Link(address, _engine(address))
    try:
        await link.open()
        yield link
    finally:
        await link.aclose()


def _engine(address: SqlAddress) -> Engine:
    try:
        from sqlalchemy import URL, create_engine
        from sqlalchemy.exc import SAWarning
        from sqlalchemy.pool import NullPool

        # They quote the catalogue of the database, and would go to standard error.
        warnings.simplefilter("ignore", SAWarning)
        if address.product == "sqlite":
            _insist_on_file(address.database)
            return create_engine("sqlite+pysqlite://", creator=lambda: _sqlite(address.database), poolclass=NullPool)
        url = URL.create(
            _DRIVERS[address.product], address.user or None, address.password or None, address.host, address.port,
            address.database or None,
        )  # fmt: skip
        return create_engine(url, connect_args=_arguments(address), poolclass=NullPool, hide_parameters=True)
    except ImportError:
        raise Unavailable(f"the driver for {address.product} is not installed", hint=_MISSING) from None


def _arguments(address: SqlAddress) -> dict[str, Any]:
    extras: dict[str, Any] = dict(address.extras)
    if address.product == "postgresql":
        # No prepared statements: a pooler may hand the next one to another connection.
        return {
            **{name: value for name, value in extras.items() if name.startswith("ssl") and "_" not in name},
            "connect_timeout": CONNECT_S,
            "application_name": "sessiondoctor",
            "prepare_threshold": None,
        }
    limits = {"connect_timeout": CONNECT_S, "read_timeout": STATEMENT_S + 1, "write_timeout": STATEMENT_S}
    return {**{name: value for name, value in extras.items() if "_" in name}, **limits}


def _insist_on_file(path: str) -> None:
    if not os.path.isfile(path):  # noqa: PTH113 - an absolute path of a URL, looked at once
        raise Unavailable(f"there is no file {path} on this machine", hint="run this where the nodes keep the database")


def _sqlite(path: str) -> Any:
    import sqlite3

    # `mode=ro` never creates the file and never writes; https://www.sqlite.org/uri.html.
    return sqlite3.connect(f"file:{quote(path)}?mode=ro", uri=True, timeout=1.0, check_same_thread=False)


def _prologue(connection: Connection) -> tuple[str, ...]:
    match connection.dialect.name:
        case "postgresql":
            return _POSTGRESQL
        case "mysql":
            limit = _LIMIT[bool(getattr(connection.dialect, "is_mariadb", False))]
            return (*_MYSQL, limit)
    return ()


def _reworded(place: str, work: Callable[[], Answer]) -> Answer:
    """Does the work; what drivers raise quotes SQL, values and URLs, and must not go further."""
    from sqlalchemy.exc import SQLAlchemyError

    trouble: Unavailable
    try:
        return work()
    except SQLAlchemyError as error:
        trouble = refusal(place, error)
    except ImportError:
        trouble = Unavailable("the driver of this database is not installed", hint=_MISSING)
    except _GARBLED:
        trouble = SqlTrouble(f"{place}: does not answer as such a database does", why="other")
    raise trouble


def _hang_up(number: int) -> None:
    """Shuts a socket that another thread waits on."""
    try:
        with socket.socket(fileno=os.dup(number)) as line:
            line.shutdown(socket.SHUT_RDWR)
    except OSError:
        return


def _forget(task: asyncio.Future[Any]) -> None:
    """Takes the exception of a task that nobody waits for."""
    if not task.cancelled():
        task.exception()
