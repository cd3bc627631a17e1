"""Access logs as the report shows them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sessiondoctor.evidence.access_logs import AccessLog
from sessiondoctor.model import LogSummary

if TYPE_CHECKING:
    from sessiondoctor.evidence.gathered import Gathered


def log_summaries(gathered: Gathered) -> tuple[LogSummary, ...]:
    """One for each access log that could be read."""
    return tuple(_summary(piece.value) for piece in gathered.of(AccessLog) if piece.value)


def _summary(log: AccessLog) -> LogSummary:
    return LogSummary(
        file=log.file,
        format=log.format,
        lines=log.lines,
        unread_lines=log.unread,
        sessions=log.sessions,
        sessions_on_several_nodes=log.sessions_on_several_nodes,
        sessions_with_several_addresses=log.sessions_with_several_addresses,
        requests_on_several_nodes=log.requests_on_several_nodes,
        nodes=log.nodes,
    )
