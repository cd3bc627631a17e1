"""What was read of each access log, in a line: without it nobody knows what "too few sessions" is about."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sessiondoctor.report.escape import one_line

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sessiondoctor.model import LogSummary

TITLE = "Access logs"
HEADS = ("log", "lines", "not read", "sessions", "on several nodes", "from several addresses", "requests by node")
_MOST_LOGS = 20
_MOST_NODES = 6
_LONGEST_NAME = 60


def lines(logs: Sequence[LogSummary]) -> Iterator[str]:
    """One for each log, the first ones."""
    yield from map(_line, logs[:_MOST_LOGS])
    if len(logs) > _MOST_LOGS:
        yield f"and {len(logs) - _MOST_LOGS:,} more"


def rows(logs: Sequence[LogSummary]) -> Iterator[tuple[str, ...]]:
    """The same as cells of a table, under `HEADS`."""
    for log in logs[:_MOST_LOGS]:
        counts = (log.lines, log.unread_lines, log.sessions, log.sessions_on_several_nodes)
        addresses = f"{log.sessions_with_several_addresses:,}"
        yield log.file, *(f"{count:,}" for count in counts), addresses, _by_node(log) or "no line names a node"
    if len(logs) > _MOST_LOGS:
        yield f"and {len(logs) - _MOST_LOGS:,} more", *("" for _ in HEADS[1:])


def _line(log: LogSummary) -> str:
    fitting = log.lines - log.unread_lines
    if not fitting:
        return f"{one_line(log.file)}: {_count(log.lines, 'line')}, none of which fits the format"
    unread = f", {log.unread_lines:,} of which do not fit the format" if log.unread_lines else ""
    return f"{one_line(log.file)}: {_count(log.lines, 'line')}{unread}; {_sessions(log)}; {_nodes(log)}"


def _sessions(log: LogSummary) -> str:
    if not log.sessions:
        return "no line has a session id"
    if not log.nodes:
        return _count(log.sessions, "session")
    return f"{_count(log.sessions, 'session')}, {log.sessions_on_several_nodes:,} of them on several nodes"


def _nodes(log: LogSummary) -> str:
    return f"requests by node: {_by_node(log)}" if log.nodes else "no line names a node"


def _by_node(log: LogSummary) -> str:
    named = [f"{one_line(name)[:_LONGEST_NAME]} ({count:,})" for name, count in list(log.nodes.items())[:_MOST_NODES]]
    more = f" and {len(log.nodes) - _MOST_NODES:,} more" if len(log.nodes) > _MOST_NODES else ""
    return f"{', '.join(named)}{more}"


def _count(number: int, what: str) -> str:
    return f"{number:,} {what}{'' if number == 1 else 's'}"
