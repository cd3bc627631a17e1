"""The databases that users run: the tables of several products in a real PostgreSQL and a real MariaDB."""

from __future__ import annotations

import asyncio
import time
from contextlib import AsyncExitStack
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import text

from sessiondoctor.stores import sql
from sessiondoctor.stores.contract import Source
from sessiondoctor.stores.sql import client
from sessiondoctor.stores.sql.client import connect
from sessiondoctor.stores.sql.counting import look
from sessiondoctor.stores.sql.refusal import SqlTrouble
from sessiondoctor.topology.model import Store, bare
from sessiondoctor.topology.secret import Secret
from tests.fakes.peers import context
from tests.lab.servers.mariadb import MariaDb
from tests.lab.servers.postgres import Postgres
from tests.lab.workspace import Workspace

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sessiondoctor.evidence.stores.located import Place

Server = Postgres | MariaDb
GIVEN = context(bare("http://127.0.0.1/"))
PASSWORD = "pass-nobody-may-see"
KEY = "52d36c1f-9a0f-4a3c-9d42-9a3e6f10f12a"
SPRING = """
CREATE TABLE SPRING_SESSION (PRIMARY_ID CHAR(36) NOT NULL, SESSION_ID CHAR(36) NOT NULL, CREATION_TIME BIGINT NOT NULL,
LAST_ACCESS_TIME BIGINT NOT NULL, MAX_INACTIVE_INTERVAL INT NOT NULL, EXPIRY_TIME BIGINT NOT NULL,
PRINCIPAL_NAME VARCHAR(100), CONSTRAINT SPRING_SESSION_PK PRIMARY KEY (PRIMARY_ID));
CREATE UNIQUE INDEX SPRING_SESSION_IX1 ON SPRING_SESSION (SESSION_ID);
CREATE TABLE SPRING_SESSION_ATTRIBUTES (SESSION_PRIMARY_ID CHAR(36) NOT NULL, ATTRIBUTE_NAME VARCHAR(200) NOT NULL,
ATTRIBUTE_BYTES {blob} NOT NULL,
CONSTRAINT SPRING_SESSION_ATTRIBUTES_PK PRIMARY KEY (SESSION_PRIMARY_ID, ATTRIBUTE_NAME));
INSERT INTO SPRING_SESSION VALUES ('p', '{key}', 0, 0, 1800, {now} * 1000 + 600000, NULL);
INSERT INTO SPRING_SESSION_ATTRIBUTES VALUES ('p', 'a', {octets}), ('p', 'b', {octets});
"""
ON_POSTGRESQL = f"""
ALTER DATABASE shop SET timezone = 'Pacific/Auckland'; SET TIME ZONE 'Pacific/Auckland';
CREATE TABLE "django_session" ("session_key" varchar(40) NOT NULL PRIMARY KEY, "session_data" text NOT NULL,
"expire_date" timestamp with time zone NOT NULL);
INSERT INTO django_session SELECT md5(n::text), repeat('x', 300), now() + (n - 501) * interval '1 hour'
FROM generate_series(1, 1000) n;
INSERT INTO django_session VALUES ('{KEY}', 'x', now() + interval '600 seconds');
CREATE TABLE "session" ("sid" varchar NOT NULL COLLATE "default", "sess" json NOT NULL, "expire" timestamp(6) NOT NULL)
WITH (OIDS=FALSE);
INSERT INTO session VALUES ('{KEY}', '{{"a": 1}}', to_timestamp(extract(epoch from now()) + 600));
{SPRING.format(blob="BYTEA", key=KEY, now="extract(epoch from now())::bigint", octets="decode('aced0005', 'hex')")}
"""
ON_MARIADB = f"""
CREATE TABLE `django_session` (`session_key` varchar(40) NOT NULL PRIMARY KEY, `session_data` longtext NOT NULL,
`expire_date` datetime(6) NOT NULL);
INSERT INTO django_session SELECT md5(seq), repeat('x', 300), utc_timestamp() + interval (seq - 501) hour
FROM (WITH RECURSIVE n(seq) AS (SELECT 1 UNION ALL SELECT seq + 1 FROM n WHERE seq < 1000) SELECT seq FROM n) m;
INSERT INTO django_session VALUES ('{KEY}', 'x', utc_timestamp() + interval 600 second);
CREATE TABLE IF NOT EXISTS `sessions` (`session_id` varchar(128) COLLATE utf8mb4_bin NOT NULL,
`expires` int(11) unsigned NOT NULL, `data` mediumtext COLLATE utf8mb4_bin, PRIMARY KEY (`session_id`)) ENGINE=InnoDB;
INSERT INTO sessions VALUES ('{KEY}', unix_timestamp() + 600, '{{"a": 1}}');
{SPRING.format(blob="BLOB", key=KEY, now="unix_timestamp()", octets="x'aced0005'")}
"""
SLEEP = {"postgresql": "SELECT pg_sleep(20)", "mysql": "SELECT sleep(20)"}


@pytest.fixture(scope="module", params=["postgresql", "mariadb"])
def server(request: pytest.FixtureRequest) -> Iterator[Server]:
    """A database with three tables of sessions."""
    with Workspace() as workspace:
        port = workspace.port(5432)
        started: Server = (
            Postgres("postgres", port, PASSWORD, sql=ON_POSTGRESQL)
            if request.param == "postgresql"
            else MariaDb("mariadb", port, PASSWORD, sql=ON_MARIADB)
        )
        workspace.start(started)
        yield started


def store(url: str) -> Store:
    """A declared store."""
    return Store("db", "sql", (Secret(url),))


async def found(url: str, session: str) -> list[tuple[Place, float | None]]:
    """Every table that has the session."""
    async with AsyncExitStack() as stack:
        opened = await sql.keyspaces([Source("db", "sql", (Secret(url),))], GIVEN, stack)
        spots = [spot for keyspace in opened.keyspaces if (spot := await keyspace.known([session]))]
        return [(await spot.place(), await spot.ttl_s()) for spot in spots]


def test_every_table_is_counted(server: Server) -> None:
    """By the database's clock, whatever its time zone."""
    seen = asyncio.run(sql.census(store(server.url()), GIVEN))
    assert (seen.total_keys, seen.exact) == (1003, True)
    groups = {group.product: group for group in seen.groups}
    assert {name: group.keys for name, group in groups.items()} == {
        "django": 1001,
        "express-session": 1,
        "spring-session": 1,
    }
    for product in ("express-session", "spring-session"):
        life = groups[product].ttl_s
        assert life
        assert 500 < life.top <= 601
    assert groups["spring-session"].encodings == {"java": 1}
    assert groups["spring-session"].size_bytes
    assert groups["spring-session"].size_bytes.top == 8
    assert groups["express-session"].encodings == {"json": 1}


def test_what_has_ended_is_counted(server: Server) -> None:
    """Of 1001 sessions 500 have ended, 476 more than a day ago."""
    tables = {table.product: table for table in asyncio.run(look(store(server.url()), GIVEN)).tables}
    assert (tables["django"].rows, tables["django"].indexed_id, tables["django"].indexed_expiry) == (1001, True, False)
    assert (tables["django"].expired, tables["django"].stale) == (501, 477)


def test_a_session_is_found_with_its_life(server: Server) -> None:
    """In each table that has it."""
    seen = asyncio.run(found(server.url(), KEY))
    assert {place.layout for place, _ in seen} == {"django", "express-session", "spring-session"}
    assert all(life and 500 < life <= 601 for _, life in seen), [life for _, life in seen]
    assert asyncio.run(found(server.url(), "another")) == []


def test_nothing_can_be_written_and_nothing_takes_long(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    """The database itself sees to both."""
    monkeypatch.setattr(client, "_POSTGRESQL", tuple(one.replace("5000", "300") for one in client._POSTGRESQL))
    monkeypatch.setattr(client, "_LIMIT", {True: "SET SESSION max_statement_time = 0.3", False: ""})

    async def tries() -> None:
        async with connect((Secret(server.url()),), GIVEN.redactor) as link:
            with pytest.raises(SqlTrouble):
                await link.ask(lambda connection: connection.execute(text("DELETE FROM django_session")))
            began = time.monotonic()
            with pytest.raises(SqlTrouble) as caught:
                await link.ask(lambda connection: connection.exec_driver_sql(SLEEP[link.address.product]).all())
            assert caught.value.why == "timeout"
            assert time.monotonic() - began < 10
            counted = await link.ask(
                lambda connection: connection.execute(text("SELECT count(*) FROM django_session")).scalar_one()
            )
            assert counted == 1001

    asyncio.run(tries())


def test_a_database_that_stalls_is_left(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where no limit is kept, we hang up."""
    if isinstance(server, MariaDb):
        monkeypatch.setattr(client, "STATEMENT_S", 1)  # PyMySQL's own limit for each read
    monkeypatch.setattr(client, "_POSTGRESQL", ())
    monkeypatch.setattr(client, "_LIMIT", {True: "SET @nothing = 1", False: ""})

    async def tries() -> None:
        async with connect((Secret(server.url()),), GIVEN.redactor) as link:
            monkeypatch.setattr(client, "_PATIENCE_S", 0.5)
            with pytest.raises(SqlTrouble) as caught:
                await link.ask(lambda connection: connection.exec_driver_sql(SLEEP[link.address.product]).all())
            assert caught.value.why == "timeout"
            monkeypatch.undo()

    began = time.monotonic()
    asyncio.run(tries())
    assert time.monotonic() - began < 10


def test_wrong_names_and_passwords(server: Server) -> None:
    """They are told apart, and never repeated."""
    wrong = asyncio.run(sql.reach(store(server.url(password="another-secret")), GIVEN))
    assert (wrong.answers, wrong.trouble) == (False, "auth")
    nowhere = asyncio.run(sql.reach(store(server.url(database="nowhere")), GIVEN))
    assert "no such database" in nowhere.reason
    assert "secret" not in repr(wrong) + repr(nowhere)
    assert PASSWORD not in repr(wrong) + repr(nowhere)
    assert asyncio.run(sql.reach(store(server.url()), GIVEN)).answers
