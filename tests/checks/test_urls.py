"""Checks of several URLs of one site."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from sessiondoctor.evidence.entry.entry_points import EntryPoint, EntryPointKind, EntryPoints, EntryPointTest
from tests.checks.build import cookie, trace, visits
from tests.checks.cases import FAIL, NOT, PASS, UNSURE, Case, case, verify

if TYPE_CHECKING:
    from tests.checks.conftest import Judge

OTHER = "https://shop.test/account/"


def entry_points(
    home: str = "app1", there: str = "app1 app1", states: str = "kk", kind: EntryPointKind = "url", **changes: Any
) -> EntryPoints:
    """One other URL: who answered at home and there, whether the state was seen there, then at home again."""
    back = changes.pop("back", "k")
    sessions = changes.pop("sessions", "")
    made = trace(home, "k").exchanges[0]
    settings: dict[str, Any] = {
        "there": trace(there, states, sessions).exchanges if there else (),
        "back": trace(" ".join([home] * len(back)), back).exchanges,
        "session_cookies": ("sid",),
    }
    return EntryPoints(
        "https://shop.test/", (EntryPointTest(EntryPoint(kind, OTHER), made, **(settings | changes)),), flow=True
    )


OTHER_SESSION: dict[str, Any] = {"states": "ll", "sessions": "sid:2222 sid:2222", "back": "l"}

CASES = [
    case("urls-lead-to-other-nodes", FAIL, entry_points(there="api1 api2"), says="served by api1, api2"),
    case("urls-lead-to-other-nodes", PASS, entry_points()),
    case("urls-lead-to-other-nodes", UNSURE, entry_points(home="-", there="- -")),
    case("urls-lead-to-other-nodes", NOT, entry_points(kind="address")),
    case("urls-share-cookie-name", FAIL, entry_points(**OTHER_SESSION), visits(), says="both call it sid"),
    case("urls-share-cookie-name", PASS, entry_points(**OTHER_SESSION | {"back": "k"}), visits()),
    case("urls-share-cookie-name", PASS, entry_points(**OTHER_SESSION, session_cookies=("other",)), visits()),
    case("urls-share-cookie-name", UNSURE, entry_points(), visits(cookies=())),
    case("urls-share-cookie-name", NOT, entry_points(kind="source"), visits()),
    case("urls-have-own-cookies", FAIL, entry_points(session_cookies=("adminsid",)), visits(), says="adminsid"),
    case("urls-have-own-cookies", PASS, entry_points(), visits()),
    case("urls-have-own-cookies", UNSURE, entry_points(), visits(cookies=(cookie("affinity"),))),
    case("urls-have-own-cookies", NOT, entry_points(trouble="refused"), visits()),
]  # fmt: skip


@pytest.mark.parametrize("one", CASES)
def test_urls(one: Case, judge: Judge) -> None:
    """Each check fails on its fault, passes on the look-alike, and knows when it cannot tell."""
    verify(one, judge)
