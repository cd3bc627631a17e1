"""A reading connection to a SQL database.

Drivers block, so each works in a thread, and reaches its server through a relay that counts what comes and can be shut
from here. Everything is asked in read-only transactions with a limit on the time of a statement.
"""

from __future__ import annotations

import asyncio
import importlib
import os
import socket
import struct
import warnings
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import quote

from sessiondoctor.errors import Unavailable
from sessiondoctor.stores.sql.address import SqlAddress, parse_url
from sessiondoctor.stores.sql.refusal import SqlTrouble, refusal, too_late, too_much
from sessiondoctor.stores.sql.relay import HERE, Relay
from sessiondoctor.stores.thread import in_thread

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
_LEAVE_S = 0.5
_LARGEST_VALUE = 4 * 1024 * 1024  # octets that SQLite may load at once; a session is smaller
_MISSING = "pip install 'sessiondoctor[sql]'"
_DRIVERS: dict[Product, str] = {
    "postgresql": "postgresql+psycopg://",
    "mysql": "mysql+pymysql://",
    "sqlite": "sqlite+pysqlite://",
}
_MODULES: dict[Product, str] = {"postgresql": "psycopg", "mysql": "pymysql"}
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
    """One connection, used by one question at a time; `relay` leads to a server, a file needs none."""

    address: SqlAddress
    relay: Relay | None
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
            SqlTrouble: the database refuses, does not answer in time, or sends more than one can want.
        """
        async with self.turn:
            return await self._in_time(lambda: self._asked(question))

    async def open(self) -> None:
        """Connects.

        Raises:
            SqlTrouble: it refuses.
        """
        async with self.turn:
            if self.relay:
                await self.relay.open(CONNECT_S)
            await self._in_time(self._connect)

    async def aclose(self) -> None:
        """Ends the connection; a database that does not take leave is not waited for."""
        try:
            async with asyncio.timeout(_LEAVE_S):
                await in_thread(partial(_reworded, self.place, self._close))
        except (TimeoutError, Unavailable):
            pass
        finally:
            self._cut()

    async def _in_time(self, work: Callable[[], Answer]) -> Answer:
        if self.relay:
            self.relay.refill()
        ended = False
        try:
            async with asyncio.timeout(_PATIENCE_S):
                answer = await in_thread(partial(_reworded, self.place, work))
            ended = True
        except TimeoutError:
            raise too_late(self.place) from None
        except SqlTrouble:
            ended = not (self.relay and self.relay.flooded)
            if ended:
                raise
            raise too_much(self.place) from None
        except Unavailable:
            ended = True
            raise
        finally:
            if not ended:
                self._cut()
        return answer

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
        if self.relay:
            self.relay.close()
        elif connection is not None and (driver := connection.connection.driver_connection):
            driver.interrupt()

    def _close(self) -> None:
        connection, self.connection = self.connection, None
        if connection is not None:
            connection.close()
        self.engine.dispose()


@asynccontextmanager
async def connect(urls: tuple[Secret, ...], redactor: Redactor) -> AsyncIterator[Link]:
    """A connection to the database that the first URL names.

    Raises:
        SqlTrouble: it refuses.
        Unavailable: the URL cannot be read, the driver is missing, or there is no such file here.
    """
    address = parse_url(urls[0])
    redactor.tell(address.password)
    async with connect_to(address) as link:
        yield link


@asynccontextmanager
async def connect_to(address: SqlAddress) -> AsyncIterator[Link]:
    """A connection to this database.

    Raises:
        SqlTrouble: it refuses.
        Unavailable: the driver is missing, or there is no such file here.
    """
    relay = None if address.product == "sqlite" else Relay(address)
    link = Link(address, relay, _engine(address, relay))
    try:
        await link.open()
        yield link
    finally:
        await link.aclose()


def _engine(address: SqlAddress, relay: Relay | None) -> Engine:
    try:
        from sqlalchemy import create_engine
        from sqlalchemy.exc import SAWarning
        from sqlalchemy.pool import NullPool

        # They quote the catalogue of the database, and would go to standard error.
        warnings.simplefilter("ignore", SAWarning)
        opened: Callable[[], Any]
        if relay is None:
            _insist_on_file(address.database)
            opened = partial(_sqlite, address.database)
        else:
            importlib.import_module(_MODULES[address.product])
            opened = partial(_postgresql if address.product == "postgresql" else _mysql, address, relay)
        return create_engine(_DRIVERS[address.product], creator=opened, poolclass=NullPool, hide_parameters=True)
    except ImportError:
        raise Unavailable(f"the driver for {address.product} is not installed", hint=_MISSING) from None


def _postgresql(address: SqlAddress, relay: Relay) -> Any:
    """Libpq goes to `hostaddr` and verifies certificates for `host`."""
    import psycopg

    tls = {name: value for name, value in address.extras if name.startswith("ssl") and "_" not in name}
    said = {"user": address.user, "password": address.password, "dbname": address.database}
    given: dict[str, Any] = {**{name: value for name, value in said.items() if value}, **tls}
    return psycopg.connect(
        host=address.host, hostaddr=HERE, port=relay.port, connect_timeout=CONNECT_S, application_name="sessiondoctor",
        gssencmode="disable", **given,
        prepare_threshold=None,  # a pooler may hand the next statement to another connection
    )  # fmt: skip


def _mysql(address: SqlAddress, relay: Relay) -> Any:
    """PyMySQL takes a socket, and verifies certificates for `host`."""
    import pymysql

    tls = {name: value for name, value in address.extras if name.startswith("ssl_")}
    connection: Any = pymysql.connect(
        host=address.host, user=address.user or None, password=address.password, database=address.database or None,
        defer_connect=True, read_timeout=STATEMENT_S + 1, write_timeout=STATEMENT_S, **tls,
    )  # fmt: skip
    connection.connect(socket.create_connection((HERE, relay.port), CONNECT_S))
    return connection


def _insist_on_file(path: str) -> None:
    if not os.path.isfile(path):  # noqa: PTH113 - an absolute path of a URL, looked at once
        raise Unavailable(f"there is no file {path} on this machine", hint="run this where the nodes keep the database")


def _sqlite(path: str) -> Any:
    import sqlite3

    # `mode=ro` never creates the file and never writes; https://www.sqlite.org/uri.html.
    connection = sqlite3.connect(f"file:{quote(path)}?mode=ro", uri=True, timeout=1.0, check_same_thread=False)
    connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, _LARGEST_VALUE)
    return connection


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
