"""What nodes do with the key of a session that they are asked for, and what it says of the fault."""

from __future__ import annotations

from dataclasses import replace
from itertools import permutations
from typing import TYPE_CHECKING

import pytest

from tests.checks.build import NODES, located, place, replay
from tests.checks.cases import FAIL, NOT, PASS, UNSURE, Case, case, verify

if TYPE_CHECKING:
    from sessiondoctor.evidence.stores.located import Located
    from tests.checks.conftest import Judge

NOWHERE: dict[str, object] = {name: [] for name in NODES}


def outlier(outcome: str) -> dict[str, str]:
    """All reads in which app3 takes part."""
    return {f"{made} {read}": outcome for made, read in permutations(NODES, 2) if "app3" in {made, read}}


UNTOLD = {f"{made} {read}": "" for made, read in permutations(NODES, 2)}


def failing(found: Located) -> Located:
    """The same, and whoever did not know a session answered with an error."""
    sessions = tuple(
        replace(one, lookups=tuple(replace(look, said="error" if look.said == "lost" else look.said)
                                     for look in one.lookups))
        for one in found.sessions
    )  # fmt: skip
    return replace(found, sessions=sessions)


CASES = [
    case("session-never-looked-up", FAIL, located(looks=outlier("not-asked")), says="app3 did not recognise"),
    case("session-never-looked-up", PASS, located()),
    case("session-never-looked-up", PASS, located(looks=outlier("miss"))),
    case("session-never-looked-up", PASS, located(looks=outlier("hit"))),
    case("session-never-looked-up", UNSURE, located(looks=UNTOLD)),
    case("session-never-looked-up", UNSURE, failing(located(looks=outlier("not-asked")))),
    case("session-never-looked-up", UNSURE, located(looks=outlier("unclear"))),
    case("lookup-misses", FAIL, located(looks={"app2 app1": "miss"}), says="app1 looked up a session of app2"),
    case("lookup-misses", PASS, located()),
    case("lookup-misses", PASS, located(looks=outlier("not-asked"))),
    case("lookup-misses", UNSURE, located(looks=UNTOLD)),
    case("lookup-misses", UNSURE, located(looks=outlier("unclear"))),
    case("session-looked-up-and-refused", FAIL, located(looks={"app1 app3": "hit"}), says="app3 found"),
    case(
        "session-looked-up-and-refused",
        FAIL,
        located(looks={"app1 app3": "hit"}),
        replay("kkl kkk kkk"),
        says="app3 found",
    ),
    case(
        "session-looked-up-and-refused",
        UNSURE,
        located(looks={"app1 app3": "hit"}),
        replay("kkk kkk kkk"),
        says="app3 knows other",
    ),
    case("lookup-misses", UNSURE, located(looks={"app2 app1": "miss"}), replay("kkk kkk kkk"), says="app1 knows other"),
    case("session-looked-up-and-refused", PASS, located()),
    case("session-looked-up-and-refused", PASS, located(looks=outlier("deleted"))),
    case("session-looked-up-and-refused", UNSURE, located(looks=UNTOLD)),
    case("session-looked-up-and-refused", UNSURE, located(looks=outlier("unclear"))),
    case("session-known-without-lookup", FAIL, located(looks={"app1 app3": "copy"}), says="app3 knows"),
    case("session-known-without-lookup", PASS, located()),
    case("session-known-without-lookup", PASS, located(looks=outlier("not-asked"))),
    case("session-known-without-lookup", UNSURE, located(looks=UNTOLD)),
    case("sessions-partly-in-store", FAIL, located(app2=[]), says="those of app2 are not"),
    case("sessions-partly-in-store", NOT, located()),
    case("sessions-partly-in-store", PASS, located(**NOWHERE)),
    case(
        "sessions-partly-in-store", UNSURE, located(searchable=False, why_not="the id is encrypted"), says="encrypted"
    ),
    case("key-gone-early", FAIL, located(vanished={"app2": 2.5}, evicted=7), says="gone after 2.5 s"),
    case("key-gone-early", FAIL, located(vanished={"app2": 2.5}, evicted=7), says="evicted 7 keys"),
    case("key-gone-early", FAIL, located(vanished={"app2": 2.5}, evicted=0), says="evicted nothing"),
    case("key-gone-early", FAIL, located(app2=[place(ttl_s=-1.0)], vanished={"app2": 2.5}), says="no expiry"),
    case("key-gone-early", PASS, located(evicted=7)),
    case("key-gone-early", UNSURE, located(**NOWHERE)),
]


@pytest.mark.parametrize("one", CASES)
def test_lookups(one: Case, judge: Judge) -> None:
    """Each check fails on its fault, passes on the look-alike, and knows when it cannot tell."""
    verify(one, judge)


def test_the_odd_node_is_named() -> None:
    """All refusals have one node in common: it is at fault, though the others refuse, too."""
    assert located(looks=outlier("not-asked")).odd_one("not-asked") == ("app3",)
    assert located(looks={"app1 app2": "miss", "app2 app1": "miss"}).odd_one("miss") == ()
    assert located(looks={"app1 app2": "miss", "app3 app2": "miss"}).odd_one("miss") == ("app2",)
    assert located().odd_one("miss") == ()
