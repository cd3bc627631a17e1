"""The tables of sessions of SQL databases, searched for a row."""

from __future__ import annotations

import re
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from sessiondoctor.errors import Unavailable
from sessiondoctor.evidence.located import Place
from sessiondoctor.stores.contract import Opened
from sessiondoctor.stores.sql import heads, tables, times
from sessiondoctor.stores.sql.client import Link, connect

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Select
    from sqlalchemy.engine import Connection

    from sessiondoctor.probes.contract import Context
    from sessiondoctor.stores.contract import Source

_MOST_IDS = 20


@dataclass(frozen=True, slots=True)
class SqlSpot:
    """A row that holds a session."""

    shelf: SqlShelf
    id: str = field(repr=False)

    @property
    def secret(self) -> str:
        """The id in the row."""
        return self.id

    async def ttl_s(self) -> float | None:
        """Seconds to live by the database's clock; -1 without expiry of its own, None if the row is gone."""
        return await self.shelf.link.ask(lambda connection: self.shelf.life(connection, self.id))

    async def place(self) -> Place:
        """All there is to say of the row but its time to live."""
        shelf = self.shelf
        size, head = await shelf.link.ask(lambda connection: shelf.value(connection, self.id))
        return Place(
            store=shelf.store,
            endpoint=shelf.link.place,
            home=shelf.label,
            prefix=shelf.table.label,
            layout=shelf.table.layout.product,
            encoding=next(iter(heads.encodings([head])), ""),
            ttl_s=None,
            size_bytes=size,
            on_disk=shelf.link.address.product == "sqlite",
            timeless=shelf.timeless,
        )


@dataclass(frozen=True, slots=True)
class SqlShelf:
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
class _Hall:
    """The shelves of all databases. One may be declared under several names; it is searched once."""

    stack: AsyncExitStack
    shelves: dict[tuple[str, str], SqlShelf] = field(default_factory=dict)

    async def open(self, source: Source, ctx: Context) -> None:
        """Connects to a database and finds its tables."""
        link = await self.stack.enter_async_context(connect(source.urls, ctx.vault))
        who = await link.ask(_identity) or link.address.home
        for table in await link.ask(lambda connection: tables.find(connection, source.table)):
            self.shelves.setdefault((who, table.label.lower()), SqlShelf(source.store, link, table))


async def shelves(sources: Sequence[Source], ctx: Context, stack: AsyncExitStack) -> Opened:
    """Every table of sessions of these databases.

    Raises:
        Unavailable: not one can be searched.
    """
    hall, troubles = _Hall(stack), []
    for source in sources:
        try:
            await hall.open(source, ctx)
        except Unavailable as trouble:
            troubles.append(trouble)
    if not hall.shelves:
        raise troubles[0] if troubles else Unavailable("no SQL store is declared")
    return Opened(tuple(hall.shelves.values()), troubles[-1].reason if troubles else "")


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
