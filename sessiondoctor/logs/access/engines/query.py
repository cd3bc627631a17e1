"""The questions in SQL, over two relations, `meetings` and `passed`; DuckDB's dialect, from which the others are made.

What each count means is written at `sessiondoctor.logs.access.totals`. Only what all four dialects have is used: no
LAG, no FILTER, no approximate count. An empty frame is NULL in some and a default value in ClickHouse: both will do.
"""

# ruff: noqa: S608 - constants of this module; nothing of a log or of the user

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from sessiondoctor.logs.access.meetings import shown
from sessiondoctor.logs.access.request import SIGNATURE_LENGTHS
from sessiondoctor.logs.access.totals import MOST_PATHS, OFTEN, PAUSE, Sessions, Totals, Traffic

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    Rows = Sequence[Sequence[Any]]

# Of one request, beside `session route node client second path status retried` of a relation `requests`.
OF_A_REQUEST: Final = """
    CASE WHEN client <> '' AND client NOT LIKE '%:%:%' THEN 1 ELSE 0 END AS v4,
    CASE WHEN client LIKE '%:%:%' THEN 1 ELSE 0 END AS v6,
    CASE WHEN status IN (401, 403, 419, 440) THEN 1 ELSE 0 END AS denied"""
# The last of the nodes that were tried (nginx: `a, b : c`), and whether there is another one among them.
_SEVERAL: Final = "{node} LIKE '%,%' OR {node} LIKE '% : %'"
_LAST: Final = "REGEXP_REPLACE({node}, '^.*(,| : ) ?', '')"
LAST: Final = f"""CASE WHEN {{node}} IN ('-', '<NOSRV>') THEN '' WHEN {_SEVERAL} THEN
    CASE WHEN {_LAST} IN ('-', '<NOSRV>') THEN '' ELSE {_LAST} END ELSE {{node}} END"""
_COMMAS: Final = "CONCAT(REPLACE(REPLACE({node}, ' : ', ','), ', ', ','), ',')"
RETRIED: Final = f"""CASE WHEN {_SEVERAL} THEN
    CASE WHEN REPLACE({_COMMAS}, CONCAT({_LAST}, ','), '') = '' THEN 0 ELSE 1 END ELSE 0 END"""
# Of several: sums, least and greatest.
OF_REQUESTS: Final = """
    COUNT(*) AS requests, MIN(second) AS first_at, MAX(second) AS last_at,
    MIN(NULLIF(client, '')) AS low, MAX(NULLIF(client, '')) AS high, MAX(v4) AS v4, MAX(v6) AS v6,
    MIN(NULLIF(route, '')) AS low_route, MAX(NULLIF(route, '')) AS high_route,
    MAX(retried) AS retried, SUM(retried) AS all_retried, SUM(denied) AS denied"""
RELATIONS: Final = {
    "told": f"SELECT *, CAST(FLOOR(second / 60) AS BIGINT) AS minute, {OF_A_REQUEST} FROM requests",  # nosec B608
    "meetings": f"SELECT session, node, {OF_REQUESTS} FROM told WHERE session <> '' GROUP BY session, node",  # nosec B608
    "passed": "SELECT node, minute, path, status, COUNT(*) AS requests, SUM(retried) AS all_retried FROM told"
    " GROUP BY node, minute, path, status",
}
_BEFORE: Final = "ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING"
_DERIVED: Final = {
    "wholes": """SELECT session, SUM(requests) AS requests, MIN(first_at) AS first_at, MAX(last_at) AS last_at,
        MIN(low) AS low, MAX(high) AS high, MAX(v4) AS v4, MAX(v6) AS v6,
        MIN(low_route) AS low_route, MAX(high_route) AS high_route,
        SUM(CASE WHEN node <> '' THEN 1 ELSE 0 END) AS nodes,
        SUM(CASE WHEN node <> '' THEN requests ELSE 0 END) AS known,
        SUM(CASE WHEN node <> '' THEN denied ELSE 0 END) AS denied,
        MAX(CASE WHEN node <> '' THEN retried ELSE 0 END) AS retried
        FROM meetings GROUP BY session""",
    "moved": "SELECT session FROM wholes WHERE nodes > 1 AND first_at > 0",
    "steps": f"""SELECT m.session AS session, m.first_at AS first_at,
        MAX(m.last_at) OVER (PARTITION BY m.session ORDER BY m.first_at, m.last_at, m.node {_BEFORE}) AS latest,
        MAX(m.node) OVER (PARTITION BY m.session ORDER BY m.first_at, m.last_at, m.node
            ROWS BETWEEN 1 PRECEDING AND 1 PRECEDING) AS node_left
        FROM meetings AS m INNER JOIN moved ON m.session = moved.session WHERE m.node <> ''""",  # nosec B608
    "apart": "SELECT session FROM steps GROUP BY session HAVING MAX(CASE WHEN first_at < latest THEN 1 ELSE 0 END) = 0",
    "turns": f"""SELECT low AS client, first_at,
        MAX(last_at) OVER (PARTITION BY low ORDER BY first_at, last_at {_BEFORE}) AS latest
        FROM wholes WHERE low = high AND first_at > 0""",  # nosec B608
    "clients": f"""SELECT client, MAX(CASE WHEN first_at < latest THEN 1 ELSE 0 END) AS at_once,
        SUM(CASE WHEN latest > 0 AND first_at - latest <= {PAUSE} THEN 1 ELSE 0 END) AS renewals
        FROM turns GROUP BY client""",  # nosec B608
}  # fmt: skip


def is_signature(ending: str) -> str:
    """Whether what stands behind the dot of a session's id signs it, and names no node: a condition."""
    mixed = f"LOWER({ending}) <> {ending} AND UPPER({ending}) <> {ending}"
    return f"LENGTH({ending}) IN {SIGNATURE_LENGTHS} AND {mixed}"


def _sum(condition: str, what: str = "1") -> str:
    return f"COALESCE(SUM(CASE WHEN {condition} THEN {what} ELSE 0 END), 0)"


_AGAIN, _MOVED = "known > 1", "nodes > 1"
_SESSIONS: Final = {
    "seen": "COUNT(*)",
    "again": _sum(_AGAIN),
    "kept_requests": _sum("known > 1 AND nodes = 1", "known"),
    "kept_denied": _sum("known > 1 AND nodes = 1", "denied"),
    "moved_requests": _sum(_MOVED, "known"),
    "moved_denied": _sum(_MOVED, "denied"),
    "moved": _sum(_MOVED),
    "moved_retried": _sum("nodes > 1 AND retried > 0"),
    "moved_addresses": _sum("nodes > 1 AND low <> high"),
    "moved_families": _sum("nodes > 1 AND v4 + v6 = 2"),
    "moved_routes": _sum("nodes > 1 AND low_route <> high_route"),
    "addresses": _sum("low <> high"),
    "families": _sum("v4 + v6 = 2"),
    "once": _sum("requests = 1"),
}
QUESTIONS: Final = {
    "sessions": f"SELECT {', '.join(f'{how} AS {name}' for name, how in _SESSIONS.items())} FROM wholes",  # nosec B608
    "apart": "SELECT COUNT(*) AS sessions FROM apart",
    "moves": """SELECT s.node_left, CAST(FLOOR(s.first_at / 60) AS BIGINT) AS minute, COUNT(*) AS moves
        FROM steps AS s INNER JOIN apart ON s.session = apart.session
        WHERE s.node_left IS NOT NULL AND s.node_left <> ''
        GROUP BY s.node_left, CAST(FLOOR(s.first_at / 60) AS BIGINT)""",
    "clients": f"SELECT {_sum('at_once = 0')} AS clients,"
    f" {_sum(f'at_once = 0 AND renewals >= {OFTEN}')} AS renewed FROM clients",  # nosec B608
    "births": "SELECT CAST(FLOOR(first_at / 60) AS BIGINT) AS minute, COUNT(*) AS sessions FROM wholes"
    " GROUP BY CAST(FLOOR(first_at / 60) AS BIGINT)",
    "retried": "SELECT COALESCE(SUM(all_retried), 0) AS requests FROM passed",
    "nodes": "SELECT node, minute, SUM(requests) AS requests FROM passed WHERE node <> '' GROUP BY node, minute",
    "statuses": "SELECT status, SUM(requests) AS requests FROM passed GROUP BY status",
    "paths": "SELECT path, node, SUM(requests) AS requests FROM passed WHERE node <> '' GROUP BY path, node"
    f" LIMIT {MOST_PATHS}",  # nosec B608
}  # fmt: skip


def asked(question: str, relations: Mapping[str, str]) -> str:
    """A question as one statement; of `relations`, which lead from the table up to it, the needed ones are written."""
    text, needed = QUESTIONS[question], list[tuple[str, str]]()
    for name, select in reversed({**relations, **_DERIVED}.items()):
        if any(f" {name} " in f"{other} ".replace("\n", " ") for other in (text, *(select for _, select in needed))):
            needed.append((name, select))
    ctes = ", ".join(f"{name} AS ({select})" for name, select in reversed(needed))
    return f"WITH {ctes} {text}" if ctes else text


def answered(ask: Callable[[str], Rows], decode: Callable[[Any], str] = str) -> Totals:
    """The totals, by whoever answers a question with rows; `decode` makes text of a name."""
    (counts,), ((apart,),), ((clients, renewed),) = ask("sessions"), ask("apart"), ask("clients")
    told = {name: int(count) for name, count in zip(_SESSIONS, counts, strict=True)}
    sessions = Sessions(**told, moved_apart=int(apart), clients=int(clients), clients_renewed=int(renewed))

    def name(text: Any) -> str:
        return shown(decode(text).encode("utf-8", "surrogateescape"))

    paths = {(name(path), name(node)): int(count) for path, node, count in ask("paths")}
    statuses: dict[int, int] = {}
    for status, count in ask("statuses"):
        digit = int(str(status or 0)[:1])
        statuses[digit] = statuses.get(digit, 0) + int(count)
    traffic = Traffic(
        retried=int(ask("retried")[0][0]),
        nodes={(name(node), int(minute)): int(count) for node, minute, count in ask("nodes")},
        statuses=statuses,
        paths=paths if len(paths) < MOST_PATHS else {},
    )
    moves = {(name(node), int(minute)): int(count) for node, minute, count in ask("moves")}
    return Totals(sessions, traffic, moves, {int(minute): int(count) for minute, count in ask("births")})
