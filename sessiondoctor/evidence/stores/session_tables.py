"""The tables of sessions in a SQL database."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class SessionTable:
    """One table of sessions.

    Attributes:
        product: whose layout it is, or `declared`.
        rows: all of them; an estimate unless `exact`.
        looked_at: rows whose times were looked at.
        expired: of these, ended and still there.
        stale: of these, ended more than a day ago; where the table tells only the last use, not used for 30 days.
        indexed_id: whether a session is found without reading the whole table.
        indexed_expiry: whether expired ones are; None if the table does not tell when a session ends.
    """

    table: str
    product: str
    rows: int
    exact: bool
    looked_at: int
    expired: int
    stale: int
    indexed_id: bool
    indexed_expiry: bool | None


@dataclass(frozen=True, slots=True)
class SessionTables:
    """Every table of sessions of one store; `endpoint` is host:port or SQLite's file."""

    store: str
    endpoint: str
    tables: tuple[SessionTable, ...]
