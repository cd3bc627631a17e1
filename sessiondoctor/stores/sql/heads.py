"""What is asked about the values of sessions: their sizes, and the first octets of a few of them."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from sessiondoctor.formats.wrapped_value import HEAD, wrapped_encoding

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sqlalchemy import Column, ColumnElement

    from sessiondoctor.stores.sql.tables import SessionTable

_LARGEST_CUT = 1024 * 1024  # octets of a value whose head is looked at


def size(table: SessionTable, dialect: str) -> ColumnElement[Any] | None:
    """Octets of a session's value; None if the table has no known column for it."""
    from sqlalchemy import func, select

    if table.attributes is not None:
        value, owner = _attribute(table)
        mine = table.column("PRIMARY_ID")
        return select(func.sum(_octets(value, dialect))).where(owner == mine).correlate(table.table).scalar_subquery()
    return _octets(table.column(table.layout.data), dialect) if table.layout.data else None


def head(table: SessionTable, dialect: str) -> ColumnElement[Any] | None:
    """The first octets of a session's value, cut off in the database; of one attribute of a Spring Session."""
    from sqlalchemy import select

    if table.attributes is not None:
        value, owner = _attribute(table)
        mine = table.column("PRIMARY_ID")
        first = select(_cut(value, dialect)).where(owner == mine).limit(1)
        return first.correlate(table.table).scalar_subquery()
    return _cut(table.column(table.layout.data), dialect) if table.layout.data else None


def encodings(values: Iterable[object]) -> Counter[str]:
    """How many of these first octets tell which encoding; empty values are left out."""
    found = [_octets_of(value) for value in values]
    return Counter(wrapped_encoding(octets) for octets in found if octets)


def _octets_of(value: object) -> bytes:
    match value:
        case bytes():
            return value[:HEAD]
        case str():
            return value.encode("utf-8", "surrogateescape")[:HEAD]
        case memoryview():
            return bytes(value[:HEAD])
    return b""


def _attribute(table: SessionTable) -> tuple[Column[Any], Column[Any]]:
    from sessiondoctor.stores.sql.tables import column_of

    return column_of(table.attributes, "ATTRIBUTE_BYTES"), column_of(table.attributes, "SESSION_PRIMARY_ID")


def _octets(value: Column[Any], dialect: str) -> ColumnElement[Any]:
    from sqlalchemy import func

    match dialect:
        case "postgresql":  # of a long value it reads the length alone
            return func.octet_length(_as_text(value))
        case "mysql":
            return func.octet_length(value)
    return _sqlite_octets(value)


def _sqlite_octets(value: Column[Any]) -> ColumnElement[Any]:
    """Without loading the value where SQLite can: `octet_length` of 3.43, `length` of what is stored as a BLOB."""
    import sqlite3

    from sqlalchemy import LargeBinary, case, cast, func

    if sqlite3.sqlite_version_info >= (3, 43):
        return func.octet_length(value)
    return case((func.typeof(value) == "blob", func.length(value)), else_=func.length(cast(value, LargeBinary)))


def _cut(value: Column[Any], dialect: str) -> ColumnElement[Any]:
    from sqlalchemy import case, func

    head = func.substr(_as_text(value) if dialect == "postgresql" else value, 1, HEAD)
    # SQLite loads a value to cut it.
    return case((_sqlite_octets(value) <= _LARGEST_CUT, head)) if dialect == "sqlite" else head


def _as_text(value: Column[Any]) -> ColumnElement[Any]:
    """A column of PostgreSQL's json is no text."""
    from sqlalchemy import JSON, Text, cast

    return cast(value, Text) if isinstance(value.type, JSON) else value
