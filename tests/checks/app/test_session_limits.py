"""Checks of how many sessions a node may hold."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from sessiondoctor.evidence.members.views import MemberView, SessionManager
from tests.checks.cases import FAIL, NOT, PASS, Case, case, verify

if TYPE_CHECKING:
    from tests.checks.conftest import Judge


def holding(active: int, limit: int, rejected: int | None = 0) -> MemberView:
    """A Tomcat with so many sessions."""
    manager = SessionManager("/", "StandardManager", copies=False, active=active, rejected=rejected, limit=limit)
    return MemberView("app1", "tomcat", managers=(manager,))


CASES = [
    case("sessions-refused", FAIL, holding(1, 2, 7), says="has refused 7 sessions; it may hold 2"),
    case("sessions-refused", FAIL, holding(1, 0, 7), says="has refused 7 sessions"),
    case("sessions-refused", FAIL, holding(2, 2), says="as many sessions as it may"),
    case("sessions-refused", PASS, holding(2, 9)),
    case("sessions-refused", PASS, holding(2, 0)),
    case("sessions-refused", NOT, holding(2, 9, None), says="no node tells"),
    case("sessions-refused", NOT, MemberView("app1", "keycloak", size=2)),
]


@pytest.mark.parametrize("one", CASES)
def test_limits(one: Case, judge: Judge) -> None:
    """Each case comes out as the table says."""
    verify(one, judge)
