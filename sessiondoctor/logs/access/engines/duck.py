"""DuckDB inside: it is given the lines through a pipe, so that it takes any source, and stops when they do.

What does not fit into memory it keeps in a folder of its own, which is gone afterwards.
"""

from __future__ import annotations

import os
import re
import tempfile
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any, Final

from sessiondoctor.errors import Unavailable
from sessiondoctor.logs.access.engines.query import LAST, OF_REQUESTS, RELATIONS, RETRIED, answered, asked, is_signature
from sessiondoctor.logs.access.sessions import linear_session_of
from sessiondoctor.logs.access.text import TextFormat
from sessiondoctor.logs.access.usual import CUT, PATH, REQUEST

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from duckdb import DuckDBPyConnection

    from sessiondoctor.logs.access.formats import AccessFormat
    from sessiondoctor.logs.access.totals import Totals

_MEMORY: Final = "96MB"
_LONGEST: Final = 2 << 20  # bytes of a line
_TOLD: Final = ("session", "node", "addr", "time", "path", "status", "cookies", "request", "rest")
# The minute in a time as logs write it, and the zone behind it.
_SECOND: Final = """CASE WHEN SUBSTR(time, 3, 1) = '/' THEN
        EPOCH(TRY_STRPTIME(SUBSTR(time, 1, 20), '%d/%b/%Y:%H:%M:%S'))
    ELSE COALESCE(EPOCH(TRY_STRPTIME(REPLACE(SUBSTR(time, 1, 19), 'T', ' '), '%Y-%m-%d %H:%M:%S')),
        TRY_CAST(time AS DOUBLE)) END
    - CASE WHEN zone[1] = '-' THEN -1 ELSE 1 END
    * COALESCE(TRY_CAST(zone[2:3] AS INTEGER) * 3600 + TRY_CAST(REPLACE(zone, ':', '')[4:5] AS INTEGER) * 60, 0)"""


def can(form: AccessFormat) -> bool:
    """Whether DuckDB is installed and can read such lines as we do, on this system."""
    if not isinstance(form, TextFormat) or "status" not in form.line.groupindex or not os.path.exists("/dev/fd"):  # noqa: PTH110
        return False
    try:
        import duckdb  # noqa: F401 - to see whether it is there
    except ImportError:
        return False
    return True


@contextmanager
def _connected() -> Iterator[DuckDBPyConnection]:
    import duckdb

    with tempfile.TemporaryDirectory(prefix="sessiondoctor-") as folder:
        settings: dict[str, Any] = {
            "memory_limit": _MEMORY,
            "temp_directory": folder,
            "preserve_insertion_order": "false",
        }
        with duckdb.connect(config=settings) as connection:
            yield connection


def count(pieces: Iterable[bytes], form: TextFormat) -> tuple[Totals, int]:
    """The totals of these lines, and how many of them fit the format; pieces need not be whole lines.

    Raises:
        Unavailable: there is not enough memory or disk for it.
    """
    import duckdb

    try:
        return _counted(pieces, form)
    except duckdb.Error as error:
        told = str(error).splitlines()[0]
        raise Unavailable(f"DuckDB could not count: {told}", hint="--engine own counts without it") from None


def _counted(pieces: Iterable[bytes], form: TextFormat) -> tuple[Totals, int]:
    with _connected() as connection, ThreadPoolExecutor(1) as other:
        reader, writer = os.pipe()
        work = other.submit(_read, connection, reader, form)
        try:
            _feed(pieces, writer)
        finally:
            os.close(writer)
            work.result()
        totals = answered(lambda question: connection.execute(asked(question, {})).fetchall(), _decoded)
        fitting = connection.execute("SELECT COALESCE(SUM(requests), 0) FROM passed").fetchall()[0][0]
    return totals, int(fitting)


def _feed(pieces: Iterable[bytes], writer: int) -> None:
    """All bytes, each as the character of its number, for DuckDB reads UTF-8 only."""
    with suppress(BrokenPipeError):  # it has failed, and says why
        for piece in pieces:
            text = memoryview(piece if piece.isascii() else piece.decode("latin-1").encode())
            while text:
                text = text[os.write(writer, text) :]


def _decoded(text: str) -> str:
    """Such characters as the text that the log has."""
    return text.encode("latin-1", "replace").decode("utf-8", "surrogateescape")


def _read(connection: DuckDBPyConnection, reader: int, form: TextFormat) -> None:
    """All lines in one pass, into sums by session and node, and by node, minute, path and status."""
    try:
        connection.execute(
            f"""CREATE TEMP TABLE sums AS WITH {_requests(form, reader)}, told AS ({RELATIONS["told"]})
            SELECT session, node, minute, path, status, GROUPING(session) AS by_node, {OF_REQUESTS}
            FROM told GROUP BY GROUPING SETS ((session, node), (node, minute, path, status))"""  # nosec B608  # noqa: S608 - our own
        )
    finally:
        os.close(reader)
    connection.execute("CREATE TEMP VIEW meetings AS SELECT * FROM sums WHERE by_node = 0 AND session <> 0")
    connection.execute("CREATE TEMP VIEW passed AS SELECT * FROM sums WHERE by_node = 1")


def _requests(form: TextFormat, reader: int) -> str:
    """The relation `requests`, by the expressions of the format. No id is kept, but a hash of it."""
    return f"""
    lines AS (FROM READ_CSV('/dev/fd/{reader}', columns = {{'line': 'VARCHAR'}}, delim = '\x01', quote = '',
        escape = '', header = false, auto_detect = false, ignore_errors = true, null_padding = true, new_line = '\\n',
        buffer_size = {2 * _LONGEST}, max_line_size = {_LONGEST})),
    {_parts(form)},
    found AS (SELECT * REPLACE ({_session(form)} AS session, {_node(form)} AS node,
        CASE WHEN addr = '-' THEN '' ELSE addr END AS addr),
        REGEXP_EXTRACT(time, '(Z|[+-]\\d\\d:?\\d\\d)$', 1) AS zone FROM parts),
    routed AS (SELECT *, CASE WHEN session LIKE '%.%'
        THEN REGEXP_EXTRACT(session, '[.]([A-Za-z][A-Za-z0-9_-]{{0,60}})$', 1) ELSE '' END AS ending FROM found),
    plain AS (SELECT *, CASE WHEN {is_signature("ending")} THEN '' ELSE ending END AS route FROM routed),
    named AS (SELECT * REPLACE ({"node" if form.names_nodes else "route"} AS node) FROM plain),
    requests AS (SELECT
        CASE WHEN session IN ('', '-', '<NOSRV>') THEN 0
            WHEN route = '' THEN HASH(session)
            ELSE HASH(LEFT(session, LENGTH(session) - LENGTH(route) - 1)) END AS session,
        route, {LAST.format(node="node")} AS node, {RETRIED.format(node="node")} AS retried, addr AS client,
        CAST(COALESCE(FLOOR({_SECOND}), 0) AS BIGINT) AS second, path,
        COALESCE(TRY_CAST(status AS INTEGER), 0) AS status FROM named)"""  # nosec B608  # noqa: S608 - the format's own expressions, quoted


def _parts(form: TextFormat) -> str:
    """From lines to a relation `parts` with all groups, in steps that RE2 takes in one pass each."""
    *begins, end = form.line.pattern.replace(REQUEST, rb'(?P<request>[^"\n]*)').removeprefix(b"^").split(CUT)
    steps, here, told = [], "line", dict.fromkeys(_TOLD, "''")
    for number, pattern in enumerate((*(begin + rb"(?P<tail>[^\n]*)" for begin in begins), end)):
        groups = re.compile(pattern).groupindex
        names = sorted(groups, key=lambda name: groups[name])
        quoted = ", ".join(f"'{name}'" for name in names)
        told |= {name: f"m{number}.{name}" for name in names}
        columns = f"*, REGEXP_EXTRACT({here}, {_quoted(b'^' + pattern)}, [{quoted}]) AS m{number}"
        before = f"step{number - 1}" if number else "lines"
        steps.append(f"step{number} AS (SELECT {columns} FROM {before})")  # nosec B608  # noqa: S608 - the format's own expressions
        here = f"m{number}.tail"
    if REQUEST in form.line.pattern:
        told["path"] = f"REGEXP_EXTRACT({told['request']}, {_quoted(b'^' + PATH)}, 1)"
    columns = ", ".join(f"{told[name]} AS {name}" for name in _TOLD)
    return f"{', '.join(steps)}, parts AS (SELECT {columns} FROM step{len(begins)} WHERE {told['status']} <> '')"  # nosec B608  # noqa: S608 - names of groups


def _session(form: TextFormat) -> str:
    if form.session is None:
        return "session"
    pattern = _quoted(linear_session_of(form.cookie))
    places = ["CASE WHEN cookies <> '' THEN cookies ELSE rest END", *(["request"] if form.in_request else [])]
    found = (f"NULLIF(REGEXP_EXTRACT({place}, {pattern}, 2), '')" for place in places)
    return f"COALESCE({', '.join(found)}, '')"


def _node(form: TextFormat) -> str:
    if form.node is None:
        return "node"
    return f"REGEXP_EXTRACT(rest, {_quoted(form.node.pattern)}, {form.node.groupindex['node']})"


def _quoted(pattern: Any) -> str:
    """An expression of bytes as a text of SQL."""
    text: str = pattern.decode("latin-1")
    return "'" + text.replace("'", "''") + "'"
