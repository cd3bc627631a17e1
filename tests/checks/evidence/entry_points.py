"""Evidence for checks of the ways into a site: addresses, URLs, balancers, and the client's own addresses."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from sessiondoctor.evidence.entry.entry_points import EntryPoint, EntryPointKind, EntryPoints, EntryPointTest
from tests.checks.build import topology, trace

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
