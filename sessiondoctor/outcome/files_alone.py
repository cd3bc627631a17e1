"""What is said of files that were judged alone, where none of them shows a loss."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from sessiondoctor.diagnosis.summing_up import HEADLINES
from sessiondoctor.evidence.access_logs import AccessLog
from sessiondoctor.evidence.configs.files import Configs
from sessiondoctor.evidence.logs import Log
from sessiondoctor.model import Outcome, Status

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sessiondoctor.evidence.gathered import Gathered
    from sessiondoctor.model import Report

_NAMED = 3


def said_of_files(found: Report, gathered: Gathered, files: Sequence[str]) -> Report:
    """The report with a headline about the files, not about the site that nobody asked; others stay as they are."""
    configs = [file for piece in gathered.of(Configs) if piece.value for file in piece.value.files]
    unread = {file.name for file in configs if not file.format}
    read = any(piece.value is not None for piece in gathered.pieces if piece.kind is not Configs)
    names = [file for file in files if file not in unread]
    if found.headline != HEADLINES[Outcome.NOT_ENOUGH_ACCESS] or not (read or any(file.format for file in configs)):
        return found
    return replace(found, headline=_headline(found, names), limits=(*found.limits, *_more(gathered)))


def _headline(found: Report, names: Sequence[str]) -> str:
    shown = ["standard input" if name == "-" else name for name in names]
    those = ", ".join(shown) if len(shown) <= _NAMED else f"{len(shown)} files"
    faults = [finding.summary for finding in found.findings if finding.status is Status.FAIL]
    if faults:
        return f"{those}: {faults[0] if len(faults) == 1 else f'{len(faults)} faults'}; no lost session is shown"
    return f"Nothing in {those} shows a lost session"


def _more(gathered: Gathered) -> Iterator[str]:
    lines = sum(log.lines for piece in gathered.of(Log) if (log := piece.value) and not log.hits)
    if lines and not any(piece.value for piece in gathered.of(AccessLog)):
        yield (
            f"{_counted(lines, 'line')} of logs: no known message of a lost session. "
            "Give the lines around such a moment, of each node."
        )


def _counted(number: int, thing: str) -> str:
    return f"{number:,} {thing}{'' if number == 1 else 's'}"
