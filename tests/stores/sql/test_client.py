"""Databases that do not answer as they should, and what is said of them."""

from __future__ import annotations

import asyncio
import sys
from typing import TYPE_CHECKING

import pytest
from sqlalchemy.exc import DBAPIError

from sessiondoctor.errors import Unavailable
from sessiondoctor.stores import sql
from sessiondoctor.stores.sql.address import parse_url, places
from sessiondoctor.stores.sql.refusal import refusal
from sessiondoctor.topology.model import Store, bare
from sessiondoctor.topology.secret import Secret
from tests.fakes.peers import context, tcp

if TYPE_CHECKING:
    from sessiondoctor.evidence.stores.store_reach import StoreReach

PASSWORD = "pass-nobody-may-see"
GIVEN = context(bare("http://127.0.0.1/"))


def reach(url: str) -> StoreReach:
    """Whether it lets us in."""
    return asyncio.run(sql.reach(Store("db", "sql", (Secret(url),)), GIVEN))


async def answered(product: str, octets: bytes) -> StoreReach:
    """What is said of a peer that sends these octets and hangs up."""

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(octets)
        await writer.drain()
        if product == "postgresql":
            await reader.read(8)

    async with tcp(talk) as port:
        url = Secret(f"{product}://shop:{PASSWORD}@127.0.0.1:{port}/shop")
        return await sql.reach(Store("db", "sql", (url,)), GIVEN)


@pytest.mark.parametrize("product", ["postgresql", "mysql"])
@pytest.mark.parametrize(
    "octets", [b"", b"HTTP/1.1 400 Bad Request\r\n\r\n", b"\x00" * 500, b"\x1b[2J\xff" * 99, b"E\x7f\xff\xff\xff"]
)
def test_a_peer_that_is_no_database(product: str, octets: bytes) -> None:
    """It does not let us in; nothing of the password or of its words is repeated."""
    seen = asyncio.run(answered(product, octets))
    assert seen.answers is False
    assert seen.trouble
    assert PASSWORD not in repr(seen)
    assert "\x1b" not in seen.reason
    assert "HTTP" not in seen.reason


@pytest.mark.parametrize("product", ["postgresql", "mysql", "mariadb"])
def test_nobody_listens(product: str) -> None:
    """A refused connection is an observation."""
    seen = reach(f"{product}://shop:{PASSWORD}@127.0.0.1:1/shop")
    assert (seen.answers, seen.trouble, seen.endpoint) == (False, "refused", "127.0.0.1:1")
    assert PASSWORD not in repr(seen)


class _Postgres(Exception):  # noqa: N818 - as a driver's
    def __init__(self, state: str | None, text: str = "") -> None:
        super().__init__(text)
        self.sqlstate = state


@pytest.mark.parametrize(
    ("error", "why"),
    [
        (_Postgres("57014"), "timeout"),
        (_Postgres("42P01"), "missing"),
        (_Postgres("42501"), "forbidden"),
        (_Postgres("53300"), "busy"),
        (_Postgres("XX000"), "other"),
        (_Postgres(None, 'FATAL:  password authentication failed for user "SECRET"'), "auth"),
        (_Postgres(None, 'FATAL:  database "SECRET" does not exist'), "missing"),
        (_Postgres(None, "FATAL:  sorry, too many clients already"), "busy"),
        (_Postgres(None, "server closed the connection unexpectedly"), "closed"),
        (Exception(1045, "Access denied for user 'SECRET'@'10.0.0.1'"), "auth"),
        (Exception(1146, "Table 'SECRET.sessions' doesn't exist"), "missing"),
        (Exception(1142, "SELECT command denied to user 'SECRET'"), "forbidden"),
        (Exception(1969, "Query execution was interrupted (max_statement_time exceeded)"), "timeout"),
        (Exception("no such table: SECRET"), "missing"),
        (Exception("database is locked"), "busy"),
        (Exception("SECRET \x1b[31m"), "other"),
    ],
)
def test_words_for_errors(error: Exception, why: str) -> None:
    """Each is told apart, and quotes neither SQL nor values."""
    wrapped = DBAPIError("SELECT * FROM t WHERE id = 'SECRET'", {"id": "SECRET"}, error)
    for one in (error, wrapped):
        trouble = refusal("10.0.0.9:5432", one)
        assert trouble.why == why
        assert trouble.reason.startswith("10.0.0.9:5432")
        assert "SECRET" not in trouble.reason + trouble.hint
        assert "\x1b" not in trouble.reason


def test_without_the_library(monkeypatch: pytest.MonkeyPatch) -> None:
    """What to install is said; the plan of a scan needs it no more than its help does."""
    monkeypatch.setitem(sys.modules, "sqlalchemy", None)
    assert places((Secret("postgresql://h/app"),)) == ("h:5432",)
    with pytest.raises(Unavailable) as caught:
        reach("postgresql://h/app")
    assert caught.value.hint == "pip install 'sessiondoctor[sql]'"


def test_without_the_driver(monkeypatch: pytest.MonkeyPatch) -> None:
    """Likewise."""
    monkeypatch.setitem(sys.modules, "pymysql", None)
    with pytest.raises(Unavailable) as caught:
        reach("mysql://127.0.0.1:1/app")
    assert caught.value.hint == "pip install 'sessiondoctor[sql]'"


def test_urls_are_taken_apart() -> None:
    """Percent-encoded, with a driver, without a port."""
    address = parse_url(Secret("mariadb+pymysql://us%40er:p%3Aw%2F@[::1]/shop?ssl_ca=/ca.pem&local_infile=1"))
    assert (address.product, address.host, address.port, address.place) == ("mysql", "::1", 3306, "[::1]:3306")
    assert (address.user, address.password, address.database) == ("us@er", "p:w/", "shop")
    assert address.extras == (("ssl_ca", "/ca.pem"),)
    assert "p:w/" not in repr(address)
    assert places((Secret("sqlite:////srv/a%20b.db"),)) == ("/srv/a b.db",)
    assert places((Secret("nonsense"), Secret("sqlite:////b"))) == ()
    with pytest.raises(Unavailable) as caught:
        parse_url(Secret(f"oracle://{PASSWORD}@h/x"))
    assert PASSWORD not in caught.value.reason
