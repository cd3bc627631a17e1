"""Checks of several URLs of one site."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from sessiondoctor.evidence.entry.entry_points import Crossing, Door, DoorKind, Doors
from tests.checks.build import cookie, visits, walk
from tests.checks.cases import FAIL, NOT, PASS, UNSURE, Case, case, verify

if TYPE_CHECKING:
    from tests.checks.conftest import Judge

OTHER = "https://shop.test/account/"


def doors(
    home: str = "app1", there: str = "app1 app1", states: str = "kk", kind: DoorKind = "url", **changes: Any
) -> Doors:
    """One other URL: who answered at home and there, whether the state was seen there, then at home again."""
    back = changes.pop("back", "k")
    sessions = changes.pop("sessions", "")
    made = walk(home, "k").hops[0]
    settings: dict[str, Any] = {
        "there": walk(there, states, sessions).hops if there else (),
        "back": walk(" ".join([home] * len(back)), back).hops,
        "session_cookies": ("sid",),
    }
    return Doors("https://shop.test/", (Crossing(Door(kind, OTHER), made, **(settings | changes)),), flow=True)


OTHER_SESSION: dict[str, Any] = {"states": "ll", "sessions": "sid:2222 sid:2222", "back": "l"}

CASES = [
    case("urls-lead-to-other-nodes", FAIL, doors(there="api1 api2"), says="served by api1, api2"),
    case("urls-lead-to-other-nodes", PASS, doors()),
    case("urls-lead-to-other-nodes", UNSURE, doors(home="-", there="- -")),
    case("urls-lead-to-other-nodes", NOT, doors(kind="address")),
    case("urls-share-cookie-name", FAIL, doors(**OTHER_SESSION), visits(), says="both call it sid"),
    case("urls-share-cookie-name", PASS, doors(**OTHER_SESSION | {"back": "k"}), visits()),
    case("urls-share-cookie-name", PASS, doors(**OTHER_SESSION, session_cookies=("other",)), visits()),
    case("urls-share-cookie-name", UNSURE, doors(), visits(cookies=())),
    case("urls-share-cookie-name", NOT, doors(kind="source"), visits()),
    case("urls-have-own-cookies", FAIL, doors(session_cookies=("adminsid",)), visits(), says="adminsid"),
    case("urls-have-own-cookies", PASS, doors(), visits()),
    case("urls-have-own-cookies", UNSURE, doors(), visits(cookies=(cookie("affinity"),))),
    case("urls-have-own-cookies", NOT, doors(trouble="refused"), visits()),
]  # fmt: skip


@pytest.mark.parametrize("one", CASES)
def test_urls(one: Case, judge: Judge) -> None:
    """Each check fails on its fault, passes on the look-alike, and knows when it cannot tell."""
    verify(one, judge)
