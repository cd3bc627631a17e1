"""Checks of a session that was left before a deploy."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from sessiondoctor.evidence.entry.resumed import Resumed
from tests.checks.cases import FAIL, PASS, UNSURE, Case, case, verify

if TYPE_CHECKING:
    from tests.checks.conftest import Judge

KEPT = Resumed(1e9, 600.0, 1800.0, "sid", ("kept",) * 4, {"app1": "kept", "app2": "kept"}, "there", signed=True)


def left(**changes: Any) -> Resumed:
    """A session that is known, unless told otherwise."""
    return replace(KEPT, **changes)


LOST = {"site": ("lost",) * 4, "nodes": {"app1": "lost", "app2": "lost"}}
ONE = {"site": ("lost", "kept", "lost", "kept"), "nodes": {"app1": "lost", "app2": "kept"}}
BROKEN = {"site": ("error",) * 4, "nodes": {"app1": "error", "app2": "error"}}
SILENT = {"site": ("unknown",) * 4, "nodes": {}}

CASES = [
    case("left-session-lost", PASS, left(), says="10 min ago is known"),
    case("left-session-lost", FAIL, left(**LOST), says="not known any more"),
    case("left-session-lost", FAIL, left(**ONE), says="not known to app1"),
    case("left-session-lost", FAIL, left(**BROKEN), says="error"),
    case("left-session-lost", UNSURE, left(**LOST, stored="gone", age_s=4000.0), says="lives 30 min unused"),
    case("left-session-lost", FAIL, left(**LOST, stored="there", age_s=9000.0), says="2 h ago"),
    case("left-session-lost", UNSURE, left(**SILENT), says="no answer"),
    case("left-session-refused-though-stored", PASS, left()),
    case("left-session-refused-though-stored", FAIL, left(**LOST), says="its key is in the store"),
    case("left-session-refused-though-stored", PASS, left(**LOST, stored="gone"), says="no longer in the store"),
    case("left-session-refused-though-stored", UNSURE, left(**LOST, stored="unknown")),
    case("left-session-refused-though-stored", UNSURE, left(**SILENT), says="no answer"),
    case("left-session-gone-from-store", PASS, left()),
    case("left-session-gone-from-store", FAIL, left(**LOST, stored="gone")),
    case("left-session-gone-from-store", UNSURE, left(**LOST, stored="gone", age_s=4000.0), says="by itself"),
    case("left-session-gone-from-store", UNSURE, left(stored="unknown")),
]


@pytest.mark.parametrize("known", CASES, ids=str)
def test_left_sessions(known: Case, judge: Judge) -> None:
    """Each answer."""
    verify(known, judge)
