"""Tables of sessions: how products lay them out, and which of them a database has."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from sessiondoctor.errors import Unavailable

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sqlalchemy import Column, Table
    from sqlalchemy.engine import Connection, Inspector

Rule = Literal["date", "local-date", "number", "lifetime", "tomcat", "used-date", "used-number"]
"""How the columns tell when a session ends: a date (UTC, or in the server's time zone where the column has none);
seconds or milliseconds since 1970; Symfony's lifetime; Tomcat's last access (ms) and its lifetime (s). Or only when it
was used last: a date, or seconds since 1970; then the application alone knows the lifetime."""


@dataclass(frozen=True, slots=True)
class Layout:
    """How one product keeps sessions.

    Attributes:
        id: column of the session id.
        data: column of the value; empty if it is in another table.
        times: columns that `rule` reads.
        marks: further columns that tell this layout from others.
    """

    product: str
    id: str
    data: str
    rule: Rule | None
    times: tuple[str, ...]
    marks: tuple[str, ...] = ()

    @property
    def columns(self) -> set[str]:
        """All that such a table must have, in lower case."""
        return {name.lower() for name in (self.id, self.data, *self.times, *self.marks) if name}


NAMES = ("django_session", "spring_session", "session", "sessions", "tomcat_sessions", "tomcat$sessions")
"""Tables that are looked for where none is declared, in lower case."""

# The DDL of the products: django/contrib/sessions/base_session.py; spring-session-jdbc, schema-*.sql;
# connect-pg-simple, table.sql; express-mysql-session, schema.sql; connect-session-sequelize, model.js;
# Flask-Session, sqlalchemy.py; symfony/http-foundation, PdoSessionHandler.php; laravel/framework, database.stub;
# activerecord-session_store, create_table.rb; Tomcat, "JDBC Based Store" and DataSourceStore.java.
LAYOUTS = (
    Layout("django", "session_key", "session_data", "date", ("expire_date",)),
    Layout("spring-session", "SESSION_ID", "", "number", ("EXPIRY_TIME",), ("PRIMARY_ID", "MAX_INACTIVE_INTERVAL")),
    Layout("express-session", "sid", "sess", "local-date", ("expire",)),
    Layout("express-session", "sid", "sess", "date", ("expired",)),
    Layout("express-session", "sid", "data", "date", ("expires",)),
    Layout("express-session", "session_id", "data", "number", ("expires",)),
    Layout("flask-session", "session_id", "data", "date", ("expiry",)),
    Layout("symfony", "sess_id", "sess_data", "lifetime", ("sess_lifetime", "sess_time")),
    Layout("laravel", "id", "payload", "used-number", ("last_activity",)),
    Layout("rails-server-side", "session_id", "data", "used-date", ("updated_at",)),
    Layout("tomcat", "session_id", "session_data", "tomcat", ("last_access", "max_inactive"), ("valid_session",)),
    Layout("tomcat", "id", "data", "tomcat", ("lastaccess", "maxinactive"), ("valid",)),
)
_IDS = ("session_key", "session_id", "sessionid", "sess_id", "sid", "id", "key")
_TIMES = ("expire_date", "expires_at", "expires", "expiry", "expire", "expiry_time", "expiration")
_DATA = ("session_data", "sess_data", "payload", "data", "sess", "value")


@dataclass(frozen=True, slots=True)
class SessionTable:
    """A table of sessions in a database.

    Attributes:
        label: its name as messages give it.
        table: SQLAlchemy's `Table`, with all of its columns.
        attributes: likewise Spring Session's second table, with the values; None if there is none.
        indexed: columns, in lower case, by which rows are found without reading the whole table.
    """

    label: str
    layout: Layout
    table: Any
    attributes: Any
    indexed: frozenset[str]

    def column(self, name: str) -> Column[Any]:
        """A column of the layout, whatever the case of its name."""
        return column_of(self.table, name)


def column_of(table: Table, name: str) -> Column[Any]:
    """The column with this name in whatever case."""
    return next(column for column in table.columns if _lower(column) == name.lower())


def _lower(column: Column[Any]) -> str:
    """The name in lower case; SQLAlchemy's quoted names keep theirs."""
    return str.lower(str.__str__(column.name))


def find(connection: Connection, declared: str) -> list[SessionTable]:
    """The declared table, else every table of sessions with a usual name.

    Raises:
        Unavailable: there is none, or the declared one has no column that looks like a session id.
    """
    from sqlalchemy import inspect

    inspector = inspect(connection)
    if declared:
        return [_declared(inspector, declared)]
    found = [_known(inspector, name) for name in inspector.get_table_names() if name.lower() in NAMES]
    known = [table for table in found if table]
    if not known:
        raise Unavailable("the database has no table of sessions that is known", hint="declare stores[].table")
    return known


def _declared(inspector: Inspector, declared: str) -> SessionTable:
    schema, _, wanted = declared.rpartition(".")
    there = [name for name in inspector.get_table_names(schema or None) if name.lower() == wanted.lower()]
    name = min(there, key=lambda name: name != wanted, default="")
    if not name:
        raise Unavailable(
            f"the database has no table {declared}", hint="correct stores[].table: schema.table, or the table alone"
        )
    table = _described(inspector, name, schema)
    layout = _layout(table) or _guessed(table)
    if layout is None:
        text = f"the table {declared} has no column that is known to hold session ids: {', '.join(_IDS)}"
        raise Unavailable(text, hint="correct stores[].table")
    return _complete(inspector, table, layout)


def _known(inspector: Inspector, name: str) -> SessionTable | None:
    table = _described(inspector, name, "")
    layout = _layout(table)
    return _complete(inspector, table, layout) if layout else None


def _described(inspector: Inspector, name: str, schema: str) -> Table:
    from sqlalchemy import Column, MetaData, Table

    columns = [Column(str(one["name"]), one["type"], quote=True) for one in inspector.get_columns(name, schema or None)]
    return Table(name, MetaData(), *columns, schema=schema or None, quote=True, quote_schema=bool(schema) or None)


def _layout(table: Table) -> Layout | None:
    names = {_lower(column) for column in table.columns}
    return next((layout for layout in LAYOUTS if layout.columns <= names and _fits(table, layout)), None)


def _fits(table: Table, layout: Layout) -> bool:
    """Whether the times are of the type that the rule reads: several products call them alike."""
    from sqlalchemy import Integer, Numeric

    numbers = [isinstance(column_of(table, name).type, Integer | Numeric) for name in layout.times]
    return all(numbers) if layout.rule in {"number", "lifetime", "tomcat", "used-number"} else not any(numbers)


def _guessed(table: Table) -> Layout | None:
    """The layout of an unknown product, by the usual names of columns."""
    from sqlalchemy import Integer, Numeric

    names = {_lower(column) for column in table.columns}

    def first(usual: Iterable[str]) -> str:
        return next((name for name in usual if name in names), "")

    session_id, time = first(_IDS), first(_TIMES)
    if not session_id:
        return None
    number = bool(time) and isinstance(column_of(table, time).type, Integer | Numeric)
    rule: Rule | None = ("number" if number else "date") if time else None
    return Layout("declared", session_id, first(_DATA), rule, (time,) if time else ())


def _complete(inspector: Inspector, table: Table, layout: Layout) -> SessionTable:
    schema = table.schema
    attributes = None
    if layout.product == "spring-session":
        wanted = f"{table.name!s}_attributes".lower()
        name = next((name for name in inspector.get_table_names(schema) if name.lower() == wanted), "")
        attributes = _described(inspector, name, schema or "") if name else None
    label = f"{schema}.{table.name}" if schema else str(table.name)
    return SessionTable(label, layout, table, attributes, _indexed(inspector, table))


def _indexed(inspector: Inspector, table: Table) -> frozenset[str]:
    """The first column of each index: only that one finds rows by itself."""
    name, schema = str(table.name), table.schema
    lists: list[Any] = [
        list(inspector.get_pk_constraint(name, schema)["constrained_columns"]),
        *([*index["column_names"]] for index in inspector.get_indexes(name, schema)),
        *([*unique["column_names"]] for unique in inspector.get_unique_constraints(name, schema)),
    ]
    return frozenset(str(columns[0]).lower() for columns in lists if columns and columns[0])
