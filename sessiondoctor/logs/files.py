"""Reads one declared log file: what its lines prove, and what it shows as an access log."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from sessiondoctor.evidence.access_logs import AccessLog
from sessiondoctor.evidence.logs import Log
from sessiondoctor.logs.access.counting import count
from sessiondoctor.logs.access.formats import guess
from sessiondoctor.logs.known import known_lines
from sessiondoctor.logs.source import opened

if TYPE_CHECKING:
    from sessiondoctor.redact import Redactor


def read_log(file: str, owner: str, redactor: Redactor) -> Log:
    """What the lines of a file prove.

    Raises:
        Unavailable: it cannot be read.
    """
    path = Path(file)
    with opened(path) as content:
        year = datetime.fromtimestamp(path.stat().st_mtime, UTC).year
        return known_lines().read(content, Log(owner, file, named=True), redactor, year)


def read_access_log(file: str, owner: str, cookie: str) -> AccessLog:
    """What a file shows as an access log; without a format if it is none.

    Raises:
        Unavailable: it cannot be read.
    """
    log = AccessLog(owner, file, named=True)
    with opened(Path(file)) as content:
        form = guess(next(content, b"").splitlines(), cookie)
    if form is None:
        return log
    with opened(Path(file)) as content:
        return count(content, form, log)
