"""Each product's tables in SQLite: recognised, counted, searched."""

from __future__ import annotations

import asyncio
import sqlite3
from contextlib import AsyncExitStack, closing
from typing import TYPE_CHECKING

import pytest

from sessiondoctor.errors import Unavailable
from sessiondoctor.stores import sql
from sessiondoctor.stores.contract import Source, kind_named
from sessiondoctor.stores.sql.counting import look
from sessiondoctor.topology.model import Store, bare
from sessiondoctor.topology.secret import Secret
from sessiondoctor.topology.store_kinds import kind_of_url
from tests.fakes.peers import context
from tests.stores.sql.ddl import KEY, LIFE, OLD, PRODUCTS, Product, make

if TYPE_CHECKING:
    from pathlib import Path

    from sessiondoctor.evidence.stores.census import Census
    from sessiondoctor.evidence.stores.located import Place
    from sessiondoctor.evidence.stores.session_tables import SessionTables

GIVEN = context(bare("http://127.0.0.1/"))
each = pytest.mark.parametrize("product", PRODUCTS, ids=lambda one: f"{one.name}-{one.table}-{len(one.ddl)}")


def store(url: str, table: str = "") -> Store:
    """A declared store."""
    return Store("db", "sql", (Secret(url),), table=table)


def census(url: str, table: str = "") -> Census:
    """A census of it."""
    return asyncio.run(sql.census(store(url, table), GIVEN))


def tables(url: str, table: str = "") -> SessionTables:
    """How full its tables are."""
    return asyncio.run(look(store(url, table), GIVEN))


async def found(url: str, *ids: str, table: str = "") -> list[tuple[Place, float | None]]:
    """Where a session is, and how long it lives."""
    async with AsyncExitStack() as stack:
        opened = await sql.keyspaces([Source("db", "sql", (Secret(url),), table)], GIVEN, stack)
        stored_sessions = [stored for keyspace in opened.keyspaces if (stored := await keyspace.known(ids))]
        return [(await stored.place(), await stored.ttl_s()) for stored in stored_sessions]


@each
def test_a_census_of_a_product(product: Product, tmp_path: Path) -> None:
    """Product, rows, lives, sizes, encodings."""
    seen = census(make(tmp_path / "shop.db", product))
    (group,) = seen.groups
    assert (group.product, group.prefix, group.keys) == (product.name, product.table, 2)
    assert (seen.total_keys, seen.sampled, seen.exact) == (2, 2, True)
    assert group.size_bytes
    assert group.size_bytes.top == len(product.value)
    assert group.without_ttl == 0
    if product.timeless:
        assert group.ttl_s is None
    else:
        assert group.ttl_s
        assert group.ttl_s.low == 0
        assert group.ttl_s.top == pytest.approx(LIFE, abs=5)
    assert group.encodings == {product.encoding: 2}


@each
def test_a_session_of_a_product_is_found(product: Product, tmp_path: Path) -> None:
    """By its id, with its life; another id is not."""
    path = tmp_path / "shop.db"
    url = make(path, product)
    ((place, life),) = asyncio.run(found(url, "another", KEY))
    assert place.home == f"{path}/{product.table}"
    assert (place.store, place.endpoint, place.layout) == ("db", str(path), product.name)
    assert (place.on_disk, place.timeless) == (True, product.timeless)
    assert place.size_bytes == len(product.value)
    assert life == (-1 if product.timeless else pytest.approx(LIFE, abs=5))
    assert asyncio.run(found(url, "another")) == []
    assert KEY not in repr(place)


@each
def test_what_has_ended_and_is_still_there(product: Product, tmp_path: Path) -> None:
    """It is counted, and whether indexes exist is told."""
    (table,) = tables(make(tmp_path / "shop.db", product)).tables
    assert (table.rows, table.looked_at, table.exact) == (2, 2, True)
    assert (table.expired, table.stale) == ((0, 0) if product.timeless else (1, 1))
    assert table.indexed_id
    told = not product.timeless and product.name not in {"symfony", "tomcat"}
    assert table.indexed_expiry is (product.expiry_index if told else None)


def test_an_expired_row_lives_no_longer(tmp_path: Path) -> None:
    """0 is not the -1 of a session without expiry."""
    ((_, life),) = asyncio.run(found(make(tmp_path / "a.db", PRODUCTS[0]), OLD))
    assert life == 0


def test_a_deleted_row_is_gone(tmp_path: Path) -> None:
    """While it is watched."""
    path = tmp_path / "a.db"
    url = make(path, PRODUCTS[0])

    async def watch() -> float | None:
        async with AsyncExitStack() as stack:
            opened = await sql.keyspaces([Source("db", "sql", (Secret(url),))], GIVEN, stack)
            stored = await opened.keyspaces[0].known([KEY])
            assert stored
            with closing(sqlite3.connect(path)) as database, database:
                database.execute("DELETE FROM django_session")
            return await stored.ttl_s()

    assert asyncio.run(watch()) is None


def test_several_products_in_one_database(tmp_path: Path) -> None:
    """A group each."""
    seen = census(make(tmp_path / "a.db", PRODUCTS[0], PRODUCTS[1]))
    assert {group.product: group.share for group in seen.groups} == {"django": 0.5, "spring-session": 0.5}


def test_a_declared_table_of_an_unknown_product(tmp_path: Path) -> None:
    """Its columns are found by their usual names."""
    path = tmp_path / "a.db"
    with closing(sqlite3.connect(path)) as database, database:
        database.execute("CREATE TABLE web_state (sid TEXT, expires_at INTEGER, payload TEXT)")
        database.execute("INSERT INTO web_state VALUES (?, strftime('%s') + 600, '{\"a\": 1}')", (KEY,))
    seen = census(f"sqlite:///{path}", "web_state")
    (group,) = seen.groups
    assert group.product == "declared"
    assert group.encodings == {"json": 1}
    assert group.ttl_s
    assert group.ttl_s.top == pytest.approx(600, abs=5)
    (table,) = tables(f"sqlite:///{path}", "WEB_STATE").tables
    assert (table.indexed_id, table.indexed_expiry) == (False, False)


def test_a_table_that_has_no_ids_or_is_not_there(tmp_path: Path) -> None:
    """Both are said, with what to correct."""
    path = tmp_path / "a.db"
    with closing(sqlite3.connect(path)) as database, database:
        database.execute("CREATE TABLE users (name TEXT)")
    for table, words in (("users", "no column"), ("nowhere", "no table nowhere"), ("", "no table of sessions")):
        with pytest.raises(Unavailable, match=words) as caught:
            census(f"sqlite:///{path}", table)
        assert caught.value.hint


def test_a_session_without_expiry(tmp_path: Path) -> None:
    """Spring Session writes the largest number."""
    path = tmp_path / "a.db"
    url = make(path, PRODUCTS[1])
    with closing(sqlite3.connect(path)) as database, database:
        database.execute("UPDATE SPRING_SESSION SET EXPIRY_TIME = 9223372036854775807")
    (group,) = census(url).groups
    assert (group.without_ttl, group.ttl_s) == (2, None)
    ((_, life),) = asyncio.run(found(url, KEY))
    assert life == -1


def test_a_large_table_is_sampled(tmp_path: Path) -> None:
    """26,500 rows, whatever is there."""
    path = tmp_path / "a.db"
    url = make(path, PRODUCTS[0])
    with closing(sqlite3.connect(path)) as database, database:
        rows = ((f"{number:032x}", "x", "2020-01-01 00:00:00") for number in range(30_000))
        database.executemany("INSERT INTO django_session VALUES (?, ?, ?)", rows)
    seen = census(url)
    assert (seen.total_keys, seen.sampled, seen.exact) == (30_002, 26_500, False)
    (table,) = tables(url).tables
    assert table.stale > 26_000


def test_it_is_opened_for_reading_only(tmp_path: Path) -> None:
    """Its file does not change, and none is made."""
    path = tmp_path / "a.db"
    url = make(path, PRODUCTS[0])
    before = (path.read_bytes(), path.stat().st_mtime_ns)
    census(url)
    asyncio.run(found(url, KEY))
    assert (path.read_bytes(), path.stat().st_mtime_ns) == before
    with pytest.raises(Unavailable, match="there is no file"):
        census(f"sqlite:///{tmp_path}/none.db")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.db"]


def test_what_is_no_database(tmp_path: Path) -> None:
    """It is said; nothing of the file is."""
    path = tmp_path / "a.db"
    path.write_bytes(b"secret-text " * 400)
    with pytest.raises(Unavailable) as caught:
        census(f"sqlite:///{path}")
    assert "secret" not in caught.value.reason
    reach = asyncio.run(sql.reach(store(f"sqlite:///{path}"), GIVEN))
    assert reach.answers is False or reach.reason == ""


def test_hostile_ids_find_nothing(tmp_path: Path) -> None:
    """Whatever a cookie holds is a value, never SQL."""
    url = make(tmp_path / "a.db", PRODUCTS[0])
    for text in ("' OR 1=1 --", "a\x00b", "\udcff\udcfe", "x" * 100_000, "%", "\x1b[2J"):
        assert asyncio.run(found(url, text)) == []


def test_the_schemes_lead_here() -> None:
    """Also what a node is told."""
    for scheme in ("postgresql", "postgresql+psycopg", "mysql", "mariadb", "sqlite"):
        assert kind_of_url(Secret(f"{scheme}://x/y")) == "sql"
    assert kind_named("sql") is sql
