"""Everything that sessiondoctor raises on purpose.

    SessionDoctorError
    |-- UsageError            wrong words on the command line; exit code 2
    |   `-- TopologyError     a topology file that cannot be used; carries every problem found; exit code 2
    |-- Unavailable           a probe could not look; becomes `inconclusive`, never `pass`
    |   |-- Unreachable       the network said why: refused, timeout, dns, tls, closed, malformed, too-large
    |   `-- Undeclared        there is no way to look unless more is declared; becomes `not applicable`
    |-- OutputError         a report that cannot be written; exit code 4
    `-- CatalogueError        a check or cause page that does not fit the catalogue; exit code 4

A check raises `NotApplicable` or `Inconclusive` (`sessiondoctor.api`): answers, not errors.
"""

from __future__ import annotations

import traceback
from dataclasses import dataclass
from enum import IntEnum
from typing import Literal


class ExitCode(IntEnum):
    """What the program ends with: the same for every format of the report."""

    CLEAR = 0
    FAULT = 1
    USAGE = 2
    UNSEEN = 3
    FAILED = 4
    INTERRUPTED = 130


Trouble = Literal[
    "refused",
    "timeout",
    "dns",
    "tls",
    "certificate",  # of the peer: expired, for another host ...
    "unknown-authority",  # the peer's certificate is signed by one, or by itself
    "client-certificate",  # the peer asks for one
    "proxy",  # what is between us and the peer
    "closed",
    "malformed",
    "too-large",
    "redirects",
]


def trace_of(error: BaseException) -> str:
    """Where a program failed: the last calls and the kind of the error.

    Not its message, which may quote what a peer sent or the user declared.
    """
    calls = "".join(traceback.format_tb(error.__traceback__, limit=-8))
    earlier = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    return f"{calls}{type(error).__qualname__}{f', after {type(earlier).__qualname__}' if earlier else ''}\n"


class SessionDoctorError(Exception):
    """The root of the hierarchy; its text is written for the user."""


class UsageError(SessionDoctorError):
    """The command line asks for something that does not exist or does not fit."""


@dataclass(frozen=True, slots=True)
class Mistake:
    """One mistake in a file: where it is (1-based line and column) and what was expected."""

    file: str
    line: int
    column: int
    message: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}: {self.message}"


class TopologyError(UsageError):
    """A topology file has mistakes; `problems` holds all of them, in file order."""

    def __init__(self, problems: tuple[Mistake, ...]) -> None:
        super().__init__("\n".join(str(problem) for problem in problems))
        self.problems = problems


class Unavailable(SessionDoctorError):  # noqa: N818 - it reads as what it is: evidence is unavailable
    """A probe could not look. `reason` is one line; `hint` says what the user can do about it."""

    def __init__(self, reason: str, *, hint: str = "") -> None:
        super().__init__(reason)
        self.reason = reason
        self.hint = hint


class Unreachable(Unavailable):
    """A peer did not answer as its protocol wants; `trouble` names how."""

    def __init__(self, reason: str, *, trouble: Trouble, hint: str = "") -> None:
        super().__init__(reason, hint=hint)
        self.trouble: Trouble = trouble


class Undeclared(Unavailable):
    """Looking turned out to need what the topology does not declare; `hint` says what to add."""


class OutputError(SessionDoctorError):
    """A document was made and cannot be written."""


class CatalogueError(SessionDoctorError):
    """A check or a cause page is malformed, or names something that does not exist."""


class NotLoadedError(CatalogueError):
    """The module of a check raised something, exited or did not come to an end."""
