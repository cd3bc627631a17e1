"""Comments in the user's files that switch a check off for a line: `# sessiondoctor: ignore[check-id] reason`."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from sessiondoctor.evidence.configs.files import Configs
from sessiondoctor.model import Status

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from sessiondoctor.evidence.configs.files import Ignored
    from sessiondoctor.evidence.gathered import Gathered
    from sessiondoctor.pipeline.judge import Judged


def heeded(judged: Iterable[Judged], gathered: Gathered) -> tuple[Judged, ...]:
    """The findings, in which what a comment switches off is skipped with the comment's reason."""
    comments = _comments(gathered)
    return tuple(_skipped(one, comments) if comments else one for one in judged)


def _comments(gathered: Gathered) -> dict[tuple[str, int], Ignored]:
    """Each comment by the lines it holds for: its own and the next."""
    found: dict[tuple[str, int], Ignored] = {}
    for piece in gathered.of(Configs):
        for comment in (one for file in (piece.value.files if piece.value else ()) for one in file.ignored):
            found[comment.at.file, comment.at.line] = comment
            found.setdefault((comment.at.file, comment.at.line + 1), comment)
    return found


def _skipped(one: Judged, comments: Mapping[tuple[str, int], Ignored]) -> Judged:
    at = one.finding.at
    comment = comments.get((at.file, at.line)) if at and one.finding.status is Status.FAIL else None
    if not comment or one.check.id not in comment.checks:
        return one
    reason = f"a comment in the file says to ignore it{': ' if comment.reason else ''}{comment.reason}"
    return replace(one, finding=replace(one.finding, status=Status.SKIPPED, reason=reason))
