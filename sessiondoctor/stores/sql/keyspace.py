"""The tables of sessions of SQL databases, searched for a row."""

from __future__ import annotations

import re
from contextlib import AsyncExitStack
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from sessiondoctor.errors import Unavailable
from sessiondoctor.evidence.stores.located import Place
from sessiondoctor.stores.contract import Keyspaces
from sessiondoctor.stores.sql import heads, tables, times
from sessiondoctor.stores.sql.client import Link, connect, connect_to
from sessiondoctor.stores.sql.refusal import SqlTrouble

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Select
    from sqlalchemy.engine import Connection

    from sessiondoctor.context import Context
    from sessiondoctor.stores.contract import Source

_MOST_IDS = 20
_MOST_OTHERS = 8  # databases of one server that no URL names
_OTHERS = {
    "postgresql": "SELECT datname FROM pg_database WHERE datallowconn AND NOT datistemplate"
    " AND datname <> current_database() AND has_database_privilege(oid, 'CONNECT') ORDER BY datname",
    "mysql": "SELECT DISTINCT table_schema FROM information_schema.columns"
    " WHERE table_schema <> database() AND table_schema NOT IN ('mysql', 'sys', 'performance_schema')"
    " AND locate('session', lower(table_name)) > 0 ORDER BY table_schema",
}


@dataclass(frozen=True, slots=True)
class SqlSpot:
    """A row that holds a session."""

    keyspace: SqlKeyspace
    id: str = field(repr=False)

    @property
    def secret(self) -> str:
        """The id in the row."""
        return self.id

    async def ttl_s(self) -> float | None:
        """Seconds to live by the database's clock; -1 without expiry of its own, None if the row is gone."""
        return await self.keyspace.link.ask(lambda connection: self.keyspace.life(connection, self.id))

    async def _value(self) -> tuple[int | None, Any]:
        """Octets of the value and the first of them; None where the database would have to load too much for it."""
        try:
            return await self.keyspace.link.ask(lambda connection: self.keyspace.value(connection, self.id))
        except SqlTrouble as trouble:
            if trouble.why != "too-large":
                raise
            return None, None

    async def place(self) -> Place:
        """All there is to say of the row but its time to live."""
        keyspace = self.keyspace
        size, head = await self._value()
        return Place(
            store=keyspace.store,
            endpoint=keyspace.link.place,
            home=keyspace.label,
            prefix=keyspace.table.label,
            layout=keyspace.table.layout.product,
            encoding=next(iter(heads.encodings([head])), ""),
            ttl_s=None,
            size_bytes=size,
            on_disk=keyspace.link.address.product == "sqlite",
            timeless=keyspace.timeless,
        )


@dataclass(frozen=True, slots=True)
class SqlKeyspace:
    """One table."""

    store: str
    link: Link
    table: tables.SessionTable

    @property
    def label(self) -> str:
        """host:port/database/table."""
        return f"{self.link.address.home}/{self.table.label}"

    @property
    def timeless(self) -> bool:
        """Whether the table does not tell when a session ends."""
        return self.table.layout.rule in {None, "used-date", "used-number"}

    async def declared(self, ids: Sequence[str], patterns: Sequence[str]) -> SqlSpot | None:
        """The row of an id; what is declared is the table."""
        del patterns
        return await self.known(ids)

    async def known(self, ids: Sequence[str]) -> SqlSpot | None:
        """The row with one of these ids."""
        asked = [text for text in ids if re.fullmatch(r"[ -~]{1,300}", text)][:_MOST_IDS]
        found = await self.link.ask(lambda connection: self._found(connection, asked)) if asked else None
        return SqlSpot(self, found) if found else None

    async def scan(self, ids: Sequence[str]) -> SqlSpot | None:
        """None: an id that is in no row as it is, is not there. Reading a whole table would load the database."""
        del ids
        return None

    def life(self, connection: Connection, row: str) -> float | None:
        """Seconds to live; -1 without expiry, None if there is no such row."""
        from sqlalchemy import literal, select

        ttl = times.ttl(self.table, connection.dialect.name)
        found = connection.execute(self._row(select(literal(-1) if ttl is None else ttl), row)).first()
        if found is None:
            return None
        life = -1.0 if found[0] is None else float(found[0])
        if life > times.ENDLESS_S or self.timeless:
            return -1.0
        return max(0.0, life) if found[0] is not None else -1.0

    def value(self, connection: Connection, row: str) -> tuple[int | None, Any]:
        """Octets of the value and the first of them."""
        from sqlalchemy import null, select

        dialect = connection.dialect.name
        asked = (heads.size(self.table, dialect), heads.head(self.table, dialect))
        columns = [null() if expression is None else expression for expression in asked]
        size, head = connection.execute(self._row(select(*columns), row)).first() or (None, None)
        return (None if size is None else int(size)), head

    def _found(self, connection: Connection, ids: Sequence[str]) -> str | None:
        from sqlalchemy import select

        column = self.table.column(self.table.layout.id)
        found = connection.execute(select(column).where(column.in_(list(ids))).limit(1)).scalar()
        return next((text for text in ids if text == found), None)

    def _row(self, question: Select[Any], row: str) -> Select[Any]:
        return question.select_from(self.table.table).where(self.table.column(self.table.layout.id) == row)


@dataclass(slots=True)
class _Opening:
    """The keyspaces of all databases. One may be declared under several names; it is searched once."""

    stack: AsyncExitStack
    keyspaces: dict[tuple[str, str], SqlKeyspace] = field(default_factory=dict)

    async def open(self, source: Source, ctx: Context) -> Link:
        """Connects to the database that the source names and finds its tables."""
        link = await self.stack.enter_async_context(connect(source.urls, ctx.redactor))
        await self._add(source.store, link, source.table)
        return link

    async def open_others(self, store: str, link: Link) -> None:
        """The other databases of the same server that this user may open: a node may have been told another one."""
        for name in (await link.ask(_others))[:_MOST_OTHERS]:
            try:
                other = await self.stack.enter_async_context(connect_to(replace(link.address, database=name)))
                await self._add(store, other, "")
            except Unavailable:  # it was not declared, so nobody is told
                continue

    async def _add(self, store: str, link: Link, table: str) -> None:
        who = await link.ask(_identity) or link.address.home
        for one in await link.ask(lambda connection: tables.find(connection, table)):
            self.keyspaces.setdefault((who, one.label.lower()), SqlKeyspace(store, link, one))


async def keyspaces(sources: Sequence[Source], ctx: Context, stack: AsyncExitStack) -> Keyspaces:
    """Every table of sessions of these servers; those of the databases that the URLs name come first.

    Raises:
        Unavailable: not one can be searched.
    """
    opening = _Opening(stack)
    opened: list[tuple[str, Link]] = []
    troubles = []
    for source in sources:
        try:
            opened.append((source.store, await opening.open(source, ctx)))
        except Unavailable as trouble:
            troubles.append(trouble)
    for store, link in opened:
        await opening.open_others(store, link)
    if not opening.keyspaces:
        raise troubles[0] if troubles else Unavailable("no SQL store is declared")
    return Keyspaces(tuple(opening.keyspaces.values()), troubles[-1].reason if troubles else "")


def _others(connection: Connection) -> list[str]:
    question = _OTHERS.get(connection.dialect.name)
    return [str(name) for name in connection.exec_driver_sql(question).scalars()] if question else []


def _identity(connection: Connection) -> str:
    """What tells this database from others, whatever name it was reached by; empty if it does not say."""
    match connection.dialect.name:
        case "postgresql":
            asked = "SELECT pg_postmaster_start_time(), inet_server_port(), current_database()"
        case "mysql":
            asked = "SELECT @@hostname, @@port, @@datadir, database()"
        case _:
            return ""
    return repr(tuple(connection.exec_driver_sql(asked).one()))
