"""Checks of the ways into a site: addresses, URLs, balancers, and the client's own addresses."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from sessiondoctor.api import Problem
from sessiondoctor.catalogue.loader import Catalogue, builtin
from sessiondoctor.evidence.entry.entry_points import EntryPoint, EntryPointKind, EntryPoints, EntryPointTest
from tests.checks.build import topology, trace
from tests.checks.cases import FAIL, NOT, PASS, UNSURE, Case, case, verify

if TYPE_CHECKING:
    from tests.checks.conftest import Judge

HOME, FOUR, SIX = "10.0.0.1", "10.0.0.2", "2001:db8::1"
WITHHELD = "Secure, but the URL is plain HTTP"


def entry_test(kind: EntryPointKind, name: str, states: str = "kkk", nodes: str = "", **changes: Any) -> EntryPointTest:
    """A session of app1 seen by `nodes`, app1 by default; `raw="kk"` are the states of the client without rules."""
    family = ("ipv6" if ":" in name else "ipv4") if kind == "address" else ""
    raw = changes.pop("raw", "")
    answered = nodes or " ".join(["app1"] * len(states))
    made = replace(trace("app1", "k").exchanges[0], set_cookies=("sid",))
    settings: dict[str, Any] = {
        "there": trace(answered, states).exchanges if states else (),
        "raw_there": trace(" ".join(["app1"] * len(raw)), raw).exchanges if raw else (),
        "back": trace("app1 app1", "kk").exchanges,
    }
    return EntryPointTest(EntryPoint(kind, name, family), made, **(settings | changes))  # type: ignore[arg-type]


def entry_points(*entry_tests: EntryPointTest, **changes: Any) -> EntryPoints:
    """Entry point tests of a site whose home entry point is good."""
    settings: dict[str, Any] = {"home_address": HOME, "flow": True}
    return EntryPoints("https://shop.test/", entry_tests, **(settings | changes))


def address(name: str = FOUR, states: str = "kkk", **changes: Any) -> EntryPointTest:
    """Through another address."""
    return entry_test("address", name, states, **changes)


def url(states: str = "kkk", **changes: Any) -> EntryPointTest:
    """Through another URL."""
    return entry_test("url", "https://www.shop.test/", states, **changes)


def plain(states: str = "kkk", **changes: Any) -> EntryPointTest:
    """Through http."""
    return entry_test("scheme", "http://shop.test/", states, **changes)


def standby(states: str = "kkk", nodes: str = "", **changes: Any) -> EntryPointTest:
    """Through another balancer."""
    return entry_test("balancer", "standby", states, nodes, **changes)


def source(states: str = "kkk", nodes: str = "", **changes: Any) -> EntryPointTest:
    """From another address."""
    return entry_test("source", "10.9.0.9", states, nodes, **changes)


REFUSED: dict[str, Any] = {"states": "", "back": (), "trouble": "10.0.0.2:443: refused"}
STICKY, SHARED = topology("sticky"), topology("external")
APP2 = "app2 app2 app2"
RENEWED = trace("app2 app2", "??", "sid:1111 sid:2222").exchanges
DOUBT = trace("app2", "?", trouble="a session that was made there is not seen there either").exchanges

CASES = [
    case("addresses-disagree", FAIL, entry_points(address(states="lll")), says=f"made at {HOME} is unknown at {FOUR}"),
    case("addresses-disagree", FAIL, entry_points(address(), address(SIX, "lll")), says="IPv6 loses what IPv4 keeps"),
    case("addresses-disagree", FAIL, entry_points(address(HOME, "lkl"), home_address=SIX), says="IPv4 loses what IPv6 keeps"),
    case("addresses-disagree", PASS, entry_points(address(), address(SIX))),
    case("addresses-disagree", UNSURE, entry_points(address(states="lll"), home_lost=True), says="stays at one address"),
    case("addresses-disagree", UNSURE, entry_points(address(**REFUSED)), says="refused"),
    case("addresses-disagree", UNSURE, entry_points(address(), address(SIX, "???")), says="site.flow"),
    case("addresses-disagree", NOT, entry_points(url("lll"))),
    case("families-disagree", FAIL, entry_points(address(SIX, "lll")), says="made by IPv4 are unknown by IPv6"),
    case("families-disagree", FAIL, entry_points(address(), address(SIX, "lll")), says=SIX),
    case("families-disagree", PASS, entry_points(address(states="lll"), address(SIX, "lll")), says="of one family"),
    case("families-disagree", PASS, entry_points(address(states="lll"), address(SIX))),
    case("families-disagree", UNSURE, entry_points(address(SIX, "lll"), home_lost=True)),
    case("families-disagree", UNSURE, entry_points(address(SIX, **REFUSED)), says="refused"),
    case("families-disagree", NOT, entry_points(address(states="lll"))),
    case("source-address-moves", FAIL, entry_points(source("lll", APP2)), says="loses its state, where app2 answers"),
    case("source-address-moves", FAIL, entry_points(source("???", APP2)), STICKY, says="by app2 instead of app1"),
    case("source-address-moves", PASS, entry_points(source(nodes=APP2)), SHARED),
    case("source-address-moves", PASS, entry_points(source()), STICKY),
    case("source-address-moves", PASS, entry_points(source("???")), STICKY, says="the same node"),
    case("source-address-moves", UNSURE, entry_points(source("???", APP2)), SHARED, says="site.flow"),
    case("source-address-moves", UNSURE, entry_points(source(**REFUSED)), STICKY, says="refused"),
    case("source-address-moves", UNSURE, entry_points(source("lll", APP2), home_lost=True)),
    case("source-address-moves", NOT, entry_points(address())),
    case("balancers-disagree", FAIL, entry_points(standby("lll", APP2)), says="loses its state: app2 answers instead of app1"),
    case("balancers-disagree", FAIL, entry_points(standby("lll", "- - -")), says="through standby a client loses its state"),
    case("balancers-disagree", FAIL, entry_points(standby("???", APP2)), STICKY, says="by app2 instead of app1"),
    case("balancers-disagree", FAIL, entry_points(standby("lll", withheld="Path=/x", raw="ll"))),
    case("balancers-disagree", PASS, entry_points(standby(nodes=APP2)), SHARED),
    case("balancers-disagree", PASS, entry_points(standby()), STICKY),
    case("balancers-disagree", PASS, entry_points(standby("lll", withheld="Path=/x", raw="kk"))),
    case("balancers-disagree", UNSURE, entry_points(standby("lll", APP2), home_lost=True)),
    case("balancers-disagree", UNSURE, entry_points(standby(**REFUSED)), says="refused"),
    case("balancers-disagree", UNSURE, entry_points(standby("", leads_to="https://sso.test:443")), says="sso.test"),
    case("balancers-disagree", NOT, entry_points(url("lll"))),
    case("origins-disagree", FAIL, entry_points(plain("lll", withheld=WITHHELD, raw="kk")), says=f"http://shop.test/: {WITHHELD}"),
    case("origins-disagree", FAIL, entry_points(plain("lll", withheld=WITHHELD))),
    case("origins-disagree", FAIL, entry_points(url("???", withheld="Path=/x", session_cookies=("sid",)), flow=False)),
    case("origins-disagree", PASS, entry_points(url("lll"))),
    case("origins-disagree", PASS, entry_points(plain("", leads_to="https://shop.test:443")), says="redirects to"),
    case("origins-disagree", PASS, entry_points(plain(withheld=WITHHELD, leads_to="https://shop.test:443")), says="redirects to"),
    case("origins-disagree", UNSURE, entry_points(url("lll", withheld="Path=/x", raw="ll")), says="even to a client"),
    case("origins-disagree", UNSURE, entry_points(url("???", withheld="Path=/x"), flow=False), says="whether it is missed"),
    case("origins-disagree", UNSURE, entry_points(url(**REFUSED)), says="refused"),
    case("origins-disagree", UNSURE, entry_points(plain("lll", withheld=WITHHELD, raw="kk"), home_lost=True)),
    case("origins-disagree", NOT, entry_points(plain(**REFUSED))),
    case("origins-disagree", NOT, entry_points(address(states="lll"))),
    case("urls-know-different-sessions", FAIL, entry_points(url("lll")), says="although its cookie is sent"),
    case("urls-know-different-sessions", FAIL, entry_points(url("lll", withheld="Path=/x", raw="ll"))),
    case("urls-know-different-sessions", FAIL, entry_points(url("??", there=RENEWED), flow=False), says="does not know"),
    case("urls-know-different-sessions", FAIL, entry_points(url("???", session_cookies=("adminsid",))), says="its own, adminsid"),
    case("urls-know-different-sessions", PASS, entry_points(url(session_cookies=("adminsid",)))),
    case("urls-know-different-sessions", PASS, entry_points(url("lll", withheld="Path=/x", raw="kk"))),
    case("urls-know-different-sessions", PASS, entry_points(plain("", leads_to="https://shop.test:443"))),
    case("urls-know-different-sessions", UNSURE, entry_points(url("?", there=DOUBT)), says="not seen there either"),
    case("urls-know-different-sessions", UNSURE, entry_points(plain("lll", withheld=WITHHELD)), says=WITHHELD),
    case("urls-know-different-sessions", UNSURE, entry_points(url(**REFUSED)), says="refused"),
    case("urls-know-different-sessions", UNSURE, entry_points(url("lll"), home_lost=True)),
    case("urls-know-different-sessions", NOT, entry_points(plain(**REFUSED))),
]  # fmt: skip


@pytest.mark.parametrize("one", CASES)
def test_doors(one: Case, judge: Judge) -> None:
    """Each check fails on its fault, passes on the look-alike, and knows when it cannot tell."""
    verify(one, judge)


def test_the_losing_doors_are_where_it_is() -> None:
    """And nothing else."""
    (check,) = Catalogue((builtin(),)).select(["addresses-disagree"])
    (problem,) = check.judge(entry_points(address(), address("10.0.0.3", "lll"), address(SIX, "lll")))
    assert isinstance(problem, Problem)
    assert problem.where == ("10.0.0.3", SIX)
    assert len(problem.seen["strip"]) == 6


@pytest.mark.parametrize(("raw", "confidence"), [("kk", "firm"), ("", "tentative")])
def test_how_sure_it_is_that_the_cookie_is_missed(raw: str, confidence: str, judge: Judge) -> None:
    """Firm where the same session is there with the cookie."""
    (found,) = judge("origins-disagree", entry_points(plain("lll", withheld=WITHHELD, raw=raw)))
    assert found.confidence == confidence
