"""Times of a session as SQL: seconds to live and since the last use, by the database's own clock."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sqlalchemy import Column, ColumnElement

    from sessiondoctor.stores.sql.tables import SessionTable

ENDLESS_S = 100 * 365 * 86400
"""Longer lives are none: Spring Session writes the largest number for a session that never ends."""

_MILLISECONDS = 100_000_000_000  # since 1970: numbers above are no seconds, but for the year 5138
_LIFETIMES = 315_360_000  # PdoSessionHandler::MAX_LIFETIME: larger numbers are a time, not a lifetime


def ttl(table: SessionTable, dialect: str) -> ColumnElement[Any] | None:
    """Seconds to live, NULL without expiry; None if the table does not tell when a session ends."""
    rule, times = table.layout.rule, [table.column(name) for name in table.layout.times]
    match rule:
        case "date" | "local-date":
            return _until(times[0], dialect, local=rule == "local-date")
        case "number":
            return _seconds(times[0]) - _now(dialect)
        case "lifetime":
            return _symfony(times[0], times[1]) - _now(dialect)
        case "tomcat":
            return _tomcat(times[0], times[1]) - _now(dialect)
    return None


def idle(table: SessionTable, dialect: str) -> ColumnElement[Any] | None:
    """Seconds since the last use, for tables that tell only that."""
    match table.layout.rule:
        case "used-date":
            return -_until(table.column(table.layout.times[0]), dialect, local=False)
        case "used-number":
            return _now(dialect) - _seconds(table.column(table.layout.times[0]))
    return None


def _now(dialect: str) -> ColumnElement[Any]:
    """Seconds since 1970."""
    from sqlalchemy import extract, func

    match dialect:
        case "postgresql":
            return extract("epoch", func.clock_timestamp())
        case "mysql":
            return func.unix_timestamp(func.now(3))
    return (func.julianday("now") - 2440587.5) * 86400.0  # the Julian day of 1970


def _until(date: Column[Any], dialect: str, *, local: bool) -> ColumnElement[Any]:
    """Seconds until a date.

    A `timestamp` of PostgreSQL without time zone is UTC for most frameworks; connect-pg-simple lets the server
    convert to its own zone.
    """
    from sqlalchemy import DateTime, cast, extract, func, text

    match dialect:
        case "postgresql":
            instant = cast(date, DateTime(timezone=True)) if local else date
            return extract("epoch", instant) - extract("epoch", func.clock_timestamp())
        case "mysql":
            return func.timestampdiff(text("MICROSECOND"), func.utc_timestamp(3), date) / 1_000_000.0
    return (func.julianday(date) - func.julianday("now")) * 86400.0


def _seconds(number: Column[Any]) -> ColumnElement[Any]:
    from sqlalchemy import BigInteger, case, literal

    return case((number > literal(_MILLISECONDS, BigInteger), number / 1000.0), else_=number * 1.0)


def _symfony(lifetime: Column[Any], written: Column[Any]) -> ColumnElement[Any]:
    """Since Symfony 4.4 the lifetime is the time at which it ends."""
    from sqlalchemy import case

    return case((lifetime > _LIFETIMES, lifetime), else_=lifetime + written)


def _tomcat(used: Column[Any], lifetime: Column[Any]) -> ColumnElement[Any]:
    """A lifetime of 0 or less never ends."""
    from sqlalchemy import case, null

    return case((lifetime > 0, used / 1000.0 + lifetime), else_=null())
