"""Runs the function of a check, which may be anybody's: bounded in time, in answers, and in what an answer may hold."""

from __future__ import annotations

import json
from itertools import islice
from typing import TYPE_CHECKING, Any

from sessiondoctor.api import Fine, Problem, Unknown
from sessiondoctor.catalogue.bounded import EndlessError, bounded
from sessiondoctor.catalogue.check_files import builtin

if TYPE_CHECKING:
    from collections.abc import Callable

    from sessiondoctor.catalogue.check_files import Check

_MOST = 10_000  # answers of one check
Verdict = Problem | Fine | Unknown


def verdicts_of(check: Check, arguments: dict[str, Any], take: Callable[[Verdict], None]) -> None:
    """Gives each answer to `take`, as they come.

    Raises:
        EndlessError: there is no end.
        TypeError: an answer is none, or holds what no report can.
        Exception: whatever the check raises, `NotApplicable` and `Inconclusive` included.
    """
    if builtin() in check.path.parents:
        _run(check, arguments, take)
    else:
        bounded(lambda: _run(check, arguments, take))


def _run(check: Check, arguments: dict[str, Any], take: Callable[[Verdict], None]) -> None:
    for number, verdict in enumerate(islice(check.judge(**arguments), _MOST + 1)):
        if number == _MOST:
            raise EndlessError(f"more than {_MOST} answers")
        _insist_on_json(verdict)
        take(verdict)


def _insist_on_json(verdict: Any) -> None:
    if not isinstance(verdict, Verdict):
        raise TypeError(f"expected Problem, Fine or Unknown, not {type(verdict).__name__}")
    said = verdict.reason if isinstance(verdict, Unknown) else verdict.summary
    where = verdict.where if isinstance(verdict, Problem) else ()
    if not all(isinstance(text, str) for text in (said, verdict.subject, *where)):
        raise TypeError("expected texts as summary, subject and where")
    try:
        json.dumps(verdict.seen, allow_nan=False)
    except (ValueError, RecursionError) as error:
        raise TypeError("expected JSON as seen") from error
