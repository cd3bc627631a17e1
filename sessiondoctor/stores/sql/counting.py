"""A census of the tables of sessions.

Session ids are random, so the first rows by the index of ids are a random sample with respect to expiry and size; of a
table without such an index they are whatever the database finds first.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from sessiondoctor.evidence.stores.census import Census, Group
from sessiondoctor.evidence.stores.session_tables import SessionTable as TableEvidence
from sessiondoctor.evidence.stores.session_tables import SessionTables
from sessiondoctor.stores.sql import heads, tables, times
from sessiondoctor.stores.sql.client import HANDSHAKE, PROLOGUE, connect
from sessiondoctor.stores.sql.refusal import SqlTrouble
from sessiondoctor.stores.summary import quantiles

if TYPE_CHECKING:
    from sqlalchemy import Select
    from sqlalchemy.engine import Connection

    from sessiondoctor.context import Context
    from sessiondoctor.stores.sql.client import Link
    from sessiondoctor.stores.sql.tables import SessionTable
    from sessiondoctor.topology.model import Store

ENOUGH = 26_500
"""Rows of a sample: every quantile within 1 % of rank at 99 % confidence (Dvoretzky-Kiefer-Wolfowitz)."""

_FEW = 1000  # where so many take too long
_LOOKED_INTO = 20
_DAY_S = 86_400
_UNUSED_S = 30 * _DAY_S
_QUESTIONS = 5
_CATALOGUE = 60  # statements by which SQLAlchemy learns of a few tables

MOST = HANDSHAKE + _CATALOGUE + len(tables.NAMES) * _QUESTIONS * (PROLOGUE + 1)
"""Statements of one census."""


@dataclass(frozen=True, slots=True)
class _Sample:
    """Rows of a table: seconds to live (None without), seconds since the last use, octets."""

    total: int
    counted: bool
    lives: list[float | None] = field(default_factory=list)
    idle: list[float] = field(default_factory=list)
    sizes: list[float] = field(default_factory=list)
    rows: int = 0

    @property
    def exact(self) -> bool:
        """Whether these are all rows."""
        return self.counted and self.rows >= self.total


async def take(store: Store, ctx: Context) -> Census:
    """Counts the sessions in every table of them.

    Raises:
        Unavailable: the database does not answer, or has no such table.
    """
    async with connect(store.url, ctx.redactor) as link:
        found = await link.ask(lambda connection: tables.find(connection, store.table))
        samples = [(table, await _sample(link, table)) for table in found]
        sampled = sum(sample.rows for _, sample in samples)
        groups = [_group(table, sample, sampled, await _encodings(link, table)) for table, sample in samples]
    return Census(
        store=store.name,
        database=0,
        total_keys=sum(sample.total for _, sample in samples),
        sampled=sampled,
        exact=all(sample.exact for _, sample in samples),
        groups=tuple(group for group in groups if group.keys),
    )


async def look(store: Store, ctx: Context) -> SessionTables:
    """How full the tables are, and of what.

    Raises:
        Unavailable: the database does not answer, or has no such table.
    """
    async with connect(store.url, ctx.redactor) as link:
        found = await link.ask(lambda connection: tables.find(connection, store.table))
        seen = [_evidence(table, await _sample(link, table)) for table in found]
        return SessionTables(store.name, link.place, tuple(seen))


def _evidence(table: SessionTable, sample: _Sample) -> TableEvidence:
    lives = [life for life in sample.lives if life is not None]
    layout = table.layout
    telling = layout.times[0].lower() if layout.rule in {"date", "local-date", "number"} else ""
    return TableEvidence(
        table=table.label,
        product=layout.product,
        rows=sample.total,
        exact=sample.counted,
        looked_at=sample.rows,
        expired=sum(life < 0 for life in lives),
        stale=sum(life < -_DAY_S for life in lives) + sum(idle > _UNUSED_S for idle in sample.idle),
        indexed_id=layout.id.lower() in table.indexed,
        indexed_expiry=telling in table.indexed if telling else None,
    )


def _group(table: SessionTable, sample: _Sample, sampled: int, encodings: dict[str, int]) -> Group:
    """A table as evidence. Rows that have expired live 0 seconds."""
    finite = [max(0.0, life) for life in sample.lives if life is not None]
    return Group(
        product=table.layout.product,
        prefix=table.label,
        keys=sample.rows,
        share=round(sample.rows / sampled, 4) if sampled else 0.0,
        ttl_s=quantiles(finite),
        without_ttl=len(sample.lives) - len(finite),
        size_bytes=quantiles(sample.sizes),
        types={"row": sample.rows},
        encodings=encodings,
    )


async def _sample(link: Link, table: SessionTable) -> _Sample:
    """The size of a table and some of its rows; fewer where many take too long."""
    try:
        total, counted = await link.ask(lambda connection: _count(connection, table)), True
    except SqlTrouble as trouble:
        if trouble.why != "timeout":
            raise
        total, counted = await link.ask(lambda connection: _estimate(connection, table)), False
    try:
        return await link.ask(lambda connection: _rows(connection, table, _Sample(total, counted), ENOUGH))
    except SqlTrouble as trouble:
        if trouble.why not in {"timeout", "too-large"}:
            raise
        wanted, sized = (_FEW, True) if trouble.why == "timeout" else (ENOUGH, False)
    return await link.ask(lambda connection: _rows(connection, table, _Sample(total, counted), wanted, sized=sized))


async def _encodings(link: Link, table: SessionTable) -> dict[str, int]:
    try:
        return dict(heads.encodings(await link.ask(lambda connection: _heads(connection, table))))
    except SqlTrouble as trouble:
        if trouble.why != "too-large":
            raise
        return {}


def _count(connection: Connection, table: SessionTable) -> int:
    from sqlalchemy import func, select

    return int(connection.execute(select(func.count()).select_from(table.table)).scalar_one())


def _estimate(connection: Connection, table: SessionTable) -> int:
    """What the database's own statistics say; 0 where it keeps none."""
    from sqlalchemy import text

    name = {"name": str(table.table.name)}
    match connection.dialect.name:
        case "postgresql":
            question = "SELECT max(reltuples) FROM pg_class WHERE relname = :name AND relkind IN ('r', 'p')"
        case "mysql":
            question = "SELECT max(table_rows) FROM information_schema.tables WHERE table_name = :name"
        case _:
            return 0
    return max(0, int(connection.execute(text(question), name).scalar() or 0))


def _rows(connection: Connection, table: SessionTable, sample: _Sample, enough: int, *, sized: bool = True) -> _Sample:
    """Adds up to `enough` rows to a sample; without their sizes, where telling one would load it."""
    from sqlalchemy import literal, select

    dialect = connection.dialect.name
    size = heads.size(table, dialect) if sized else None
    asked = (times.ttl(table, dialect), times.idle(table, dialect), size)
    columns = [literal(1) if expression is None else expression for expression in asked]
    rows = connection.execute(_in_order(select(*columns), table).limit(enough)).fetchall()
    lives, idle, sizes = ([row[at] for row in rows] if asked[at] is not None else [] for at in range(3))
    return _Sample(
        sample.total,
        sample.counted,
        [_life(value) for value in lives],
        [float(value) for value in idle if value is not None],
        [float(value) for value in sizes if value is not None],
        len(rows),
    )


def _life(value: Any) -> float | None:
    seconds = None if value is None else float(value)
    return None if seconds is None or seconds > times.ENDLESS_S else seconds


def _heads(connection: Connection, table: SessionTable) -> list[object]:
    from sqlalchemy import select

    head = heads.head(table, connection.dialect.name)
    if head is None:
        return []
    return list(connection.execute(_in_order(select(head), table).limit(_LOOKED_INTO)).scalars())


def _in_order(question: Select[Any], table: SessionTable) -> Select[Any]:
    """By the id where an index gives that order; sorting a whole table for a sample would load the database."""
    everything = question.select_from(table.table)
    indexed = table.layout.id.lower() in table.indexed
    return everything.order_by(table.column(table.layout.id)) if indexed else everything
