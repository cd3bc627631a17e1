"""Checks of changes that are followed from node to node."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from sessiondoctor.evidence.nodes.changes import Arrival, Changed, Changes, Look
from tests.checks.build import replay, topology
from tests.checks.cases import FAIL, NOT, PASS, UNSURE, Case, case, verify

if TYPE_CHECKING:
    from tests.checks.conftest import Judge

AT_ONCE = (Look(0.0, "kept"),)
LATE = (Look(0.0, "lost"), Look(0.05, "lost"), Look(0.15, "kept"))
NEVER = (Look(0.0, "lost"), Look(1.5, "lost"))
FINE = Changed("app1", "app2", "kept", AT_ONCE, fate="same", third="kept", returned=AT_ONCE)
STAYS = replace(FINE, looks=NEVER, first="kept", returned=NEVER)
UNKNOWN = replace(FINE, looks=NEVER, first="lost", fate="renewed", third="kept", returned=NEVER)
EMPTY = replace(UNKNOWN, fate="same")
OLD = replace(FINE, returned=NEVER, own="kept")
ENDED = replace(FINE, returned=NEVER, own="lost")
SHARED = topology("replicated")


def seen(*pairs: Changed, ages: str = "", adopts: bool | None = None) -> Changes:
    """Pairs, and fresh sessions of rising age of which each was kept (k) or lost (l)."""
    states = {"k": "kept", "l": "lost"}
    arrivals = tuple(Arrival("app1", "app2", Look(age / 10, states[one])) for age, one in enumerate(ages))  # type: ignore[arg-type]
    return Changes(pairs, arrivals, {} if adopts is None else {"app2": adopts})


CASES = [
    case("change-not-copied", FAIL, seen(STAYS, FINE), says="app2 has what a session of app1 was made with, and not"),
    case("change-not-copied", PASS, seen(FINE, UNKNOWN), says="1 sessions"),
    case("change-not-copied", UNSURE, seen(UNKNOWN)),
    case("change-not-copied", UNSURE, seen(replace(STAYS, home="lost"))),
    case("copies-arrive-late", FAIL, seen(replace(FINE, looks=LATE)), says="only after 0.15 s; at once 1 of 2"),
    case("copies-arrive-late", FAIL, seen(UNKNOWN, ages="llkkk"), says="only after 0.20 s"),
    case("copies-arrive-late", PASS, seen(FINE, ages="lkkkk")),
    case("copies-arrive-late", PASS, seen(FINE, ages="klklk")),
    case("copies-arrive-late", UNSURE, seen(UNKNOWN, ages="lllll")),
    case("old-copy-on-return", FAIL, seen(OLD), replay("kk kk"), says="app1 still has its copy of before"),
    case("old-copy-on-return", FAIL, seen(OLD), says="1 of 1 sessions"),
    case("old-copy-on-return", PASS, seen(FINE)),
    case("old-copy-on-return", UNSURE, seen(OLD), replay("kk lk")),
    case("old-copy-on-return", UNSURE, seen(ENDED)),
    case("old-copy-on-return", UNSURE, seen(replace(FINE, returned=(Look(0.0, "error"), Look(1.5, "unknown"))))),
    case("old-copy-on-return", UNSURE, seen(STAYS, UNKNOWN)),
    case("session-arrives-empty", FAIL, seen(EMPTY, adopts=False), replay("kl lk"), SHARED, says="has nothing of what was"),
    case("session-arrives-empty", PASS, seen(UNKNOWN), replay("kl lk"), SHARED, says="do not know the session either"),
    case("session-arrives-empty", UNSURE, seen(EMPTY, adopts=True), replay("kl lk"), SHARED),
    case("session-arrives-empty", UNSURE, seen(EMPTY), replay("kl lk"), SHARED),
    case("session-arrives-empty", NOT, seen(EMPTY), replay("kl lk"), topology("external")),
]  # fmt: skip


@pytest.mark.parametrize("one", CASES)
def test_changes(one: Case, judge: Judge) -> None:
    """Each case comes out as the table says."""
    verify(one, judge)
