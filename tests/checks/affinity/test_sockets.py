from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.checks.cases import FAIL, NOT, PASS, UNSURE, Case, case, verify
from tests.checks.evidence.sockets import CLOSED, sockets, tried

if TYPE_CHECKING:
    from tests.checks.conftest import Judge

CASES = [
    case("mcp-session-unknown-elsewhere", FAIL, sockets(tried(), tried("l", bare=True), kind="mcp"), says="without cookies"),
    case("mcp-session-unknown-elsewhere", FAIL, sockets(tried("l"), kind="mcp"), says="1 of 1 sessions"),
    case("mcp-session-unknown-elsewhere", PASS, sockets(tried(), kind="mcp")),
    case("mcp-session-unknown-elsewhere", NOT, sockets(tried(has_id=False), kind="mcp"), says="stands alone"),
    case("mcp-session-unknown-elsewhere", UNSURE, sockets(CLOSED, kind="mcp")),
    case("mcp-session-unknown-elsewhere", NOT, sockets(tried("l"))),
]  # fmt: skip


@pytest.mark.parametrize("one", CASES)
def test_sockets(one: Case, judge: Judge) -> None:
    """Each check fails, passes and says when it cannot tell."""
    verify(one, judge)
