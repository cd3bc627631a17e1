"""The user's own table of requests, in Spark, ClickHouse, Trino or a DuckDB file: only counts leave it.

`spark:///db.table` (in this process, as `pyspark` is configured), `spark://host:7077/db.table` (a master),
`clickhouse://user:password@host:8123/db/table` (`clickhouses` with TLS),
`trino://user@host:8080/catalog/schema/table` (`trinos` with TLS), `duckdb:///file.db/table` and `duckdb:///file.parquet`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import SplitResult, quote, unquote, urlsplit

from sessiondoctor.errors import Unavailable, UsageError
from sessiondoctor.logs.access.engines.query import LAST, RELATIONS, RETRIED, answered, asked, is_signature

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from sessiondoctor.logs.access.engines.query import Rows
    from sessiondoctor.logs.access.totals import Totals

    Asking = tuple[Callable[[str], Rows], str]

DIALECTS: Final = {
    "spark": "spark", "clickhouse": "clickhouse", "clickhouses": "clickhouse", "trino": "trino", "trinos": "trino",
    "duckdb": "duckdb",
}  # fmt: skip
ROLES: Final = ("session", "node", "client", "time", "path", "status")
_NEEDED: Final = ("session", "node")
# Seconds since 1970 of a timestamp.
_SECONDS: Final = {
    "duckdb": "EPOCH({})", "spark": "UNIX_TIMESTAMP({})", "trino": "TO_UNIXTIME({})",
    "clickhouse": "toUnixTimestamp({})",
}  # fmt: skip
# ClickHouse otherwise takes `MAX(a) AS a` for every `a` beside it.
_ENDINGS: Final = {"clickhouse": " SETTINGS prefer_column_name_to_alias = 1"}
_PORTS: Final = {"clickhouse": 8123, "clickhouses": 8443, "trino": 8080, "trinos": 443}


@dataclass(frozen=True, slots=True)
class RequestTable:
    """A table and where it is.

    Attributes:
        url: as the user gave it; it may hold a password.
        columns: for each of `ROLES` that the table has a column, or an expression in the engine's SQL.
    """

    url: str = field(repr=False)
    columns: Mapping[str, str]

    @property
    def dialect(self) -> str:
        """The engine's SQL, as SQLGlot calls it."""
        return DIALECTS[urlsplit(self.url).scheme]

    @property
    def shown(self) -> str:
        """Where it is, without a password."""
        parts = urlsplit(self.url)
        return f"{parts.scheme}://{parts.hostname or ''}{parts.path}"

    @property
    def secrets(self) -> tuple[str, ...]:
        """What no output may show, whatever the engine says: the password, and the login as HTTP sends it."""
        parts = urlsplit(self.url)
        user, password = unquote(parts.username or ""), unquote(parts.password or "")
        return (password, parts.password or "", f"{user}:{password}") if password else ()


def table_of(url: str, columns: str, environ: Mapping[str, str] | None = None) -> RequestTable:
    """A table by the words of the command line; `${NAME}` in the URL comes from `environ`, which a process list hides.

    Raises:
        UsageError: no such engine, no table, no such column.
    """
    url = re.sub(r"\$\{(\w+)\}", partial(_variable, environ or {}), url)
    scheme = urlsplit(url).scheme
    if scheme not in DIALECTS:
        raise UsageError(f"--engine {url.partition(':')[0]}: expected own, duckdb, or a URL of {', '.join(DIALECTS)}")
    pairs = [pair.partition("=") for pair in columns.split(",") if pair.strip()]
    told = {name.strip(): what.strip() for name, _, what in pairs}
    if unknown := sorted(set(told) - set(ROLES)):
        raise UsageError(f"--columns {unknown[0]}: expected {', '.join(ROLES)}")
    found = {name: told.get(name, name) for name in ROLES if told.get(name, name) != "-"}
    if missing := [name for name in _NEEDED if name not in found]:
        raise UsageError(f"--columns: {missing[0]} is needed")
    return RequestTable(url, found)


def _variable(environ: Mapping[str, str], found: re.Match[str]) -> str:
    """A variable's value, as it stands in a URL.

    Raises:
        UsageError: there is none.
    """
    if found[1] not in environ:
        raise UsageError(f"--engine: the environment has no variable {found[1]}")
    return quote(environ[found[1]], safe="")


def statement(question: str, table: RequestTable, name: str) -> str:
    """A question to this table, in its engine's SQL.

    Raises:
        UsageError: a column is no expression of that SQL.
    """
    from sqlglot import exp, parse_one

    tree = parse_one(asked(question, {"requests": _REQUESTS, **RELATIONS}), read="duckdb")
    columns = {role: _column(table, role) for role in ROLES}

    def put(node: Any) -> Any:
        if isinstance(node, exp.Column) and node.name.startswith("a_"):
            return columns[node.name.removeprefix("a_")].copy()
        if isinstance(node, exp.Table) and node.name == "a_table":
            return exp.to_table(name, dialect=table.dialect)
        return node

    sql: str = tree.transform(put).sql(dialect=table.dialect)
    return sql + _ENDINGS.get(table.dialect, "")


_BARE: Final = "REGEXP_REPLACE(raw_session, '[.][A-Za-z][A-Za-z0-9_-]{0,60}$', '')"
_ENDING: Final = f"SUBSTR(raw_session, LENGTH({_BARE}) + 2)"
_ROUTED: Final = f"{_BARE} <> raw_session AND NOT ({is_signature(_ENDING)})"
_REQUESTS: Final = f"""
    SELECT CASE WHEN {_ROUTED} THEN {_BARE} ELSE raw_session END AS session,
        CASE WHEN {_ROUTED} THEN {_ENDING} ELSE '' END AS route,
        {LAST.format(node="raw_node")} AS node, {RETRIED.format(node="raw_node")} AS retried, client, second,
        CASE WHEN raw_path LIKE '/%' THEN CONCAT('/', REGEXP_REPLACE(SUBSTR(raw_path, 2), '[/?; ].*$', '')) ELSE ''
        END AS path, status
    FROM (SELECT
        CASE WHEN a_session IS NULL OR a_session IN ('-', '<NOSRV>') THEN '' ELSE a_session END AS raw_session,
        COALESCE(a_node, '') AS raw_node,
        CASE WHEN a_client IS NULL OR a_client = '-' THEN '' ELSE a_client END AS client,
        COALESCE(CAST(FLOOR(a_time) AS BIGINT), 0) AS second,
        REGEXP_REPLACE(COALESCE(a_path, ''), '^([A-Z]+ )?([a-z]+://[^/ ]*)?', '') AS raw_path,
        COALESCE(CAST(a_status AS INTEGER), 0) AS status
        FROM a_table) AS given"""  # nosec B608  # noqa: S608 - constants of this module


def _column(table: RequestTable, role: str) -> Any:
    from sqlglot import exp, parse_one
    from sqlglot.errors import SqlglotError

    text = table.columns.get(role)
    if text is None:
        return exp.Null()
    try:
        if role == "time" and text.isidentifier():
            text = _SECONDS[table.dialect].format(text)
        return exp.paren(parse_one(text, read=table.dialect, into=exp.Condition))
    except SqlglotError:
        raise UsageError(f"--columns {role}={text}: no expression of {table.dialect}") from None


def totals(table: RequestTable) -> Totals:
    """What the table comes to.

    Raises:
        Unavailable: it cannot be asked.
        UsageError: of a column.
    """
    try:
        import sqlglot  # noqa: F401 - to see whether it is there
    except ImportError:
        raise Unavailable("--engine needs SQLGlot", hint="pip install 'sessiondoctor[engines]'") from None
    with _asking(table) as (ask, name):
        return answered(lambda question: ask(statement(question, table, name)))


@contextmanager
def _asking(table: RequestTable) -> Iterator[Asking]:
    """Who answers statements, and the table's name there."""
    parts = urlsplit(table.url)
    path = [unquote(part) for part in parts.path.split("/") if part]
    if not path:
        raise UsageError(f"--engine {table.shown}: the table is missing")
    try:
        with _CONNECTED[table.dialect](parts, path) as found:
            yield found
    except ImportError as error:
        raise Unavailable(f"{table.dialect} needs the package {error.name}", hint=_HINTS[table.dialect]) from None
    except _errors(table.dialect) as error:
        raise Unavailable(f"{table.shown} could not be asked: {_reason(error, table)}") from None


def _reason(error: BaseException, table: RequestTable) -> str:
    """What the engine says, without the values of rows that it quotes; of these some may be session ids."""
    told = next(iter(str(error).splitlines()), "no reason given")
    known = " ".join((*table.columns.values(), urlsplit(table.url).path))
    return re.sub(r"'([^']*)'", lambda found: found[0] if found[1] in known else "'...'", told)[:300]


@contextmanager
def _spark(parts: SplitResult, path: list[str]) -> Iterator[Asking]:
    from pyspark.sql import SparkSession

    there = SparkSession.getActiveSession()
    builder = SparkSession.builder.appName("sessiondoctor")
    if parts.hostname:
        builder = builder.master(f"spark://{parts.hostname}:{parts.port or 7077}")
    session = there or builder.getOrCreate()
    try:
        yield lambda sql: session.sql(sql).collect(), ".".join(path)
    finally:
        if there is None:
            session.stop()


@contextmanager
def _clickhouse(parts: SplitResult, path: list[str]) -> Iterator[Asking]:
    import clickhouse_connect

    client = clickhouse_connect.get_client(
        host=parts.hostname or "localhost",
        port=parts.port or _PORTS[parts.scheme],
        username=unquote(parts.username or "default"),
        password=unquote(parts.password or ""),
        secure=parts.scheme == "clickhouses",
    )
    try:
        yield lambda sql: client.query(sql).result_rows, ".".join(path)
    finally:
        client.close()


@contextmanager
def _trino(parts: SplitResult, path: list[str]) -> Iterator[Asking]:
    import trino

    user = unquote(parts.username or "sessiondoctor")
    secret = trino.auth.BasicAuthentication(user, unquote(parts.password)) if parts.password else None
    scheme = "https" if parts.scheme == "trinos" else "http"
    port = parts.port or _PORTS[parts.scheme]
    host = parts.hostname or "localhost"
    connect: Any = trino.dbapi.connect
    with connect(host=host, port=port, user=user, auth=secret, http_scheme=scheme) as connection:
        yield lambda sql: connection.cursor().execute(sql).fetchall(), ".".join(path)


@contextmanager
def _duckdb(parts: SplitResult, path: list[str]) -> Iterator[Asking]:
    import duckdb

    file = Path(unquote(parts.path))
    if file.is_file():  # Parquet, CSV, JSON: what DuckDB reads
        with duckdb.connect() as connection:
            connection.from_query("FROM " + _quoted(str(file))).create_view("requests_table")
            yield lambda sql: connection.execute(sql).fetchall(), "requests_table"
        return
    with duckdb.connect(str(file.parent), read_only=True) as connection:
        yield lambda sql: connection.execute(sql).fetchall(), path[-1]


def _quoted(text: str) -> str:
    """A text of SQL."""
    return "'" + text.replace("'", "''") + "'"


_CONNECTED: Final = {"spark": _spark, "clickhouse": _clickhouse, "trino": _trino, "duckdb": _duckdb}
_HINTS: Final = {
    "spark": "pip install pyspark", "duckdb": "pip install 'sessiondoctor[logs]'",
    "clickhouse": "pip install 'sessiondoctor[engines]'", "trino": "pip install 'sessiondoctor[engines]'",
}  # fmt: skip


def _errors(dialect: str) -> tuple[type[BaseException], ...]:
    """What the engine's client raises."""
    if dialect == "duckdb":
        import duckdb

        return (duckdb.Error,)
    if dialect == "trino":
        import trino.exceptions

        return (trino.exceptions.Error, trino.exceptions.TrinoConnectionError, OSError)
    if dialect == "clickhouse":
        from clickhouse_connect.driver.exceptions import ClickHouseError

        return (ClickHouseError, OSError)
    from pyspark.errors import PySparkException

    return (PySparkException, OSError)
