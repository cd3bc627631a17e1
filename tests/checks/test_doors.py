"""Checks of the ways into a site: addresses, URLs, balancers, and the client's own addresses."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from sessiondoctor.api import Problem
from sessiondoctor.catalogue.loader import Catalogue, builtin
from sessiondoctor.evidence.entry.entry_points import Crossing, Door, DoorKind, Doors
from tests.checks.build import topology, walk
from tests.checks.cases import FAIL, NOT, PASS, UNSURE, Case, case, verify

if TYPE_CHECKING:
    from tests.checks.conftest import Judge

HOME, FOUR, SIX = "10.0.0.1", "10.0.0.2", "2001:db8::1"
WITHHELD = "Secure, but the URL is plain HTTP"


def crossing(kind: DoorKind, name: str, states: str = "kkk", nodes: str = "", **changes: Any) -> Crossing:
    """A session of app1 seen by `nodes`, app1 by default; `raw="kk"` are the states of the client without rules."""
    family = ("ipv6" if ":" in name else "ipv4") if kind == "address" else ""
    raw = changes.pop("raw", "")
    answered = nodes or " ".join(["app1"] * len(states))
    made = replace(walk("app1", "k").hops[0], set_cookies=("sid",))
    settings: dict[str, Any] = {
        "there": walk(answered, states).hops if states else (),
        "raw_there": walk(" ".join(["app1"] * len(raw)), raw).hops if raw else (),
        "back": walk("app1 app1", "kk").hops,
    }
    return Crossing(Door(kind, name, family), made, **(settings | changes))  # type: ignore[arg-type]


def doors(*crossings: Crossing, **changes: Any) -> Doors:
    """Crossings of a site whose home door is good."""
    settings: dict[str, Any] = {"home_address": HOME, "flow": True}
    return Doors("https://shop.test/", crossings, **(settings | changes))


def address(name: str = FOUR, states: str = "kkk", **changes: Any) -> Crossing:
    """Through another address."""
    return crossing("address", name, states, **changes)


def url(states: str = "kkk", **changes: Any) -> Crossing:
    """Through another URL."""
    return crossing("url", "https://www.shop.test/", states, **changes)


def plain(states: str = "kkk", **changes: Any) -> Crossing:
    """Through http."""
    return crossing("scheme", "http://shop.test/", states, **changes)


def standby(states: str = "kkk", nodes: str = "", **changes: Any) -> Crossing:
    """Through another balancer."""
    return crossing("balancer", "standby", states, nodes, **changes)


def source(states: str = "kkk", nodes: str = "", **changes: Any) -> Crossing:
    """From another address."""
    return crossing("source", "10.9.0.9", states, nodes, **changes)


REFUSED: dict[str, Any] = {"states": "", "back": (), "trouble": "10.0.0.2:443: refused"}
STICKY, SHARED = topology("sticky"), topology("external")
APP2 = "app2 app2 app2"
RENEWED = walk("app2 app2", "??", "sid:1111 sid:2222").hops
DOUBT = walk("app2", "?", trouble="a session that was made there is not seen there either").hops

CASES = [
    case("addresses-disagree", FAIL, doors(address(states="lll")), says=f"made at {HOME} is unknown at {FOUR}"),
    case("addresses-disagree", FAIL, doors(address(), address(SIX, "lll")), says="IPv6 loses what IPv4 keeps"),
    case("addresses-disagree", FAIL, doors(address(HOME, "lkl"), home_address=SIX), says="IPv4 loses what IPv6 keeps"),
    case("addresses-disagree", PASS, doors(address(), address(SIX))),
    case("addresses-disagree", UNSURE, doors(address(states="lll"), home_lost=True), says="stays at one address"),
    case("addresses-disagree", UNSURE, doors(address(**REFUSED)), says="refused"),
    case("addresses-disagree", UNSURE, doors(address(), address(SIX, "???")), says="site.flow"),
    case("addresses-disagree", NOT, doors(url("lll"))),
    case("families-disagree", FAIL, doors(address(SIX, "lll")), says="made by IPv4 are unknown by IPv6"),
    case("families-disagree", FAIL, doors(address(), address(SIX, "lll")), says=SIX),
    case("families-disagree", PASS, doors(address(states="lll"), address(SIX, "lll")), says="of one family"),
    case("families-disagree", PASS, doors(address(states="lll"), address(SIX))),
    case("families-disagree", UNSURE, doors(address(SIX, "lll"), home_lost=True)),
    case("families-disagree", UNSURE, doors(address(SIX, **REFUSED)), says="refused"),
    case("families-disagree", NOT, doors(address(states="lll"))),
    case("source-address-moves", FAIL, doors(source("lll", APP2)), says="loses its state, where app2 answers"),
    case("source-address-moves", FAIL, doors(source("???", APP2)), STICKY, says="by app2 instead of app1"),
    case("source-address-moves", PASS, doors(source(nodes=APP2)), SHARED),
    case("source-address-moves", PASS, doors(source()), STICKY),
    case("source-address-moves", PASS, doors(source("???")), STICKY, says="the same node"),
    case("source-address-moves", UNSURE, doors(source("???", APP2)), SHARED, says="site.flow"),
    case("source-address-moves", UNSURE, doors(source(**REFUSED)), STICKY, says="refused"),
    case("source-address-moves", UNSURE, doors(source("lll", APP2), home_lost=True)),
    case("source-address-moves", NOT, doors(address())),
    case("balancers-disagree", FAIL, doors(standby("lll", APP2)), says="loses its state: app2 answers instead of app1"),
    case("balancers-disagree", FAIL, doors(standby("lll", "- - -")), says="through standby a client loses its state"),
    case("balancers-disagree", FAIL, doors(standby("???", APP2)), STICKY, says="by app2 instead of app1"),
    case("balancers-disagree", FAIL, doors(standby("lll", withheld="Path=/x", raw="ll"))),
    case("balancers-disagree", PASS, doors(standby(nodes=APP2)), SHARED),
    case("balancers-disagree", PASS, doors(standby()), STICKY),
    case("balancers-disagree", PASS, doors(standby("lll", withheld="Path=/x", raw="kk"))),
    case("balancers-disagree", UNSURE, doors(standby("lll", APP2), home_lost=True)),
    case("balancers-disagree", UNSURE, doors(standby(**REFUSED)), says="refused"),
    case("balancers-disagree", UNSURE, doors(standby("", leads_to="https://sso.test:443")), says="sso.test"),
    case("balancers-disagree", NOT, doors(url("lll"))),
    case("origins-disagree", FAIL, doors(plain("lll", withheld=WITHHELD, raw="kk")), says=f"http://shop.test/: {WITHHELD}"),
    case("origins-disagree", FAIL, doors(plain("lll", withheld=WITHHELD))),
    case("origins-disagree", FAIL, doors(url("???", withheld="Path=/x", session_cookies=("sid",)), flow=False)),
    case("origins-disagree", PASS, doors(url("lll"))),
    case("origins-disagree", PASS, doors(plain("", leads_to="https://shop.test:443")), says="redirects to"),
    case("origins-disagree", PASS, doors(plain(withheld=WITHHELD, leads_to="https://shop.test:443")), says="redirects to"),
    case("origins-disagree", UNSURE, doors(url("lll", withheld="Path=/x", raw="ll")), says="even to a client"),
    case("origins-disagree", UNSURE, doors(url("???", withheld="Path=/x"), flow=False), says="whether it is missed"),
    case("origins-disagree", UNSURE, doors(url(**REFUSED)), says="refused"),
    case("origins-disagree", UNSURE, doors(plain("lll", withheld=WITHHELD, raw="kk"), home_lost=True)),
    case("origins-disagree", NOT, doors(plain(**REFUSED))),
    case("origins-disagree", NOT, doors(address(states="lll"))),
    case("urls-know-different-sessions", FAIL, doors(url("lll")), says="although its cookie is sent"),
    case("urls-know-different-sessions", FAIL, doors(url("lll", withheld="Path=/x", raw="ll"))),
    case("urls-know-different-sessions", FAIL, doors(url("??", there=RENEWED), flow=False), says="does not know"),
    case("urls-know-different-sessions", FAIL, doors(url("???", session_cookies=("adminsid",))), says="its own, adminsid"),
    case("urls-know-different-sessions", PASS, doors(url(session_cookies=("adminsid",)))),
    case("urls-know-different-sessions", PASS, doors(url("lll", withheld="Path=/x", raw="kk"))),
    case("urls-know-different-sessions", PASS, doors(plain("", leads_to="https://shop.test:443"))),
    case("urls-know-different-sessions", UNSURE, doors(url("?", there=DOUBT)), says="not seen there either"),
    case("urls-know-different-sessions", UNSURE, doors(plain("lll", withheld=WITHHELD)), says=WITHHELD),
    case("urls-know-different-sessions", UNSURE, doors(url(**REFUSED)), says="refused"),
    case("urls-know-different-sessions", UNSURE, doors(url("lll"), home_lost=True)),
    case("urls-know-different-sessions", NOT, doors(plain(**REFUSED))),
]  # fmt: skip


@pytest.mark.parametrize("one", CASES)
def test_doors(one: Case, judge: Judge) -> None:
    """Each check fails on its fault, passes on the look-alike, and knows when it cannot tell."""
    verify(one, judge)


def test_the_losing_doors_are_where_it_is() -> None:
    """And nothing else."""
    (check,) = Catalogue((builtin(),)).select(["addresses-disagree"])
    (problem,) = check.judge(doors(address(), address("10.0.0.3", "lll"), address(SIX, "lll")))
    assert isinstance(problem, Problem)
    assert problem.where == ("10.0.0.3", SIX)
    assert len(problem.seen["strip"]) == 6


@pytest.mark.parametrize(("raw", "confidence"), [("kk", "firm"), ("", "tentative")])
def test_how_sure_it_is_that_the_cookie_is_missed(raw: str, confidence: str, judge: Judge) -> None:
    """Firm where the same session is there with the cookie."""
    (found,) = judge("origins-disagree", doors(plain("lll", withheld=WITHHELD, raw=raw)))
    assert found.confidence == confidence
