"""Another command that proves the fix, where the page's own would name what is not there any more."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sessiondoctor.model import Report


def proved_by(report: Report, command: str) -> Report:
    """The report with this command under every cause and advice."""
    diagnosis = tuple(replace(one, verify=command) for one in report.diagnosis)
    return replace(report, diagnosis=diagnosis, advice=tuple(replace(one, verify=command) for one in report.advice))
