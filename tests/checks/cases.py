"""Cases of checks as a table: evidence in, statuses and a telling part of the first failure's summary out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

    from sessiondoctor.model import Finding

FAIL, PASS, UNSURE, NOT = "fail", "pass", "inconclusive", "not-applicable"


@dataclass(frozen=True)
class Case:
    """One case. `says` is part of the summary or reason of the first finding with that status."""

    check: str
    status: str
    evidence: tuple[Any, ...]
    says: str = ""


def case(check: str, status: str, *evidence: Any, says: str = "") -> Any:
    """A case that is named after its check and what must come of it."""
    return pytest.param(Case(check, status, evidence, says), id=f"{check} {status} {says}".strip())


def verify(case: Case, judge: Callable[..., tuple[Finding, ...]]) -> None:
    """The worst status of all findings is the case's, and its words are there."""
    findings = judge(case.check, *case.evidence)
    worst = next(s for s in ("error", FAIL, UNSURE, PASS, NOT) if any(f.status == s for f in findings))
    assert worst == case.status, [(f.status, f.summary, f.reason, f.seen) for f in findings]
    told = next(f for f in findings if f.status == worst)
    assert case.says in f"{told.summary} {told.reason} {told.subject}"
