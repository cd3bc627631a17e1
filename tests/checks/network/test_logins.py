from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from sessiondoctor.evidence.flows.rehearsal import NoPage, Rehearsal
from tests.checks.cases import FAIL, NOT, PASS, UNSURE, Case, case, verify

if TYPE_CHECKING:
    from tests.checks.conftest import Judge


def asking(*schemes: str) -> Rehearsal:
    """A site that answers 401 and wants a login by one of these."""
    refused = NoPage("unauthorized", "http://intra/ answered 401 to every request", schemes=schemes)
    return Rehearsal(declared=False, no_page=refused)


CASES = [
    case("authentication-bound-to-connection", FAIL, asking("Negotiate", "NTLM"), says="Negotiate or NTLM"),
    case("authentication-bound-to-connection", PASS, asking("Basic"), says="Basic"),
    case("authentication-bound-to-connection", NOT, asking()),
    case("authentication-bound-to-connection", NOT, Rehearsal(declared=False)),
    case("authentication-bound-to-connection", UNSURE),
]


@pytest.mark.parametrize("one", CASES)
def test_logins(one: Case, judge: Judge) -> None:
    """Each check fails, passes and says when it cannot tell."""
    verify(one, judge)
