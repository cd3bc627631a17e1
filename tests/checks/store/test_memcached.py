"""Checks of memcached stores."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from sessiondoctor.evidence.stores.memcached_ring import Ring, RingTry
from sessiondoctor.evidence.stores.memcached_server import MemcachedServer
from sessiondoctor.topology.model import Node, Store
from sessiondoctor.topology.secret import Secret
from tests.checks.build import cookie, located, server, topology, visits
from tests.checks.cases import FAIL, NOT, PASS, UNSURE, Case, case, verify

if TYPE_CHECKING:
    from tests.checks.conftest import Judge

NOWHERE: dict[str, object] = {"app1": [], "app2": [], "app3": []}
MONTH = 30 * 24 * 3600
NODES = ("app1", "app2", "app3")
MARKS = {"s": "same", "e": "elsewhere", "n": "new", "?": "unseen"}


def memcached(**changes: Any) -> MemcachedServer:
    """A server with room."""
    settings: dict[str, Any] = {
        "store": "sessions", "endpoint": "10.0.0.7:11211", "version": "1.6.18", "uptime_s": 900_000, "delta_s": 1.0,
        "largest_item": 1 << 20, "max_connections": 1024,
    }  # fmt: skip
    return MemcachedServer(**(settings | changes))


def shop(idle: int | None = 1800) -> Any:
    """A site with a memcached store."""
    return topology("external", idle=idle, stores=(Store("sessions", "memcached"),))


def lasting(seconds: float) -> Any:
    """Visits whose session cookie lives so long."""
    return visits(cookies=(cookie(lifetime_s=seconds),))


def ring(**rows: str) -> Ring:
    """`ring(app1="se se")`: sessions made on app1, and what became of each on the two other nodes, in order.

    A session is held by `m1` or `m2` in turn; what goes elsewhere goes to `m3`.
    """
    tries = []
    for maker, row in rows.items():
        others = [name for name in NODES if name != maker]
        for number, marks in enumerate(row.split()):
            home = (f"m{number % 2 + 1}",)
            for other, mark in zip(others, marks, strict=False):
                to = {"s": home, "e": ("m3",)}.get(mark, ())
                tries.append(RingTry(maker, other, f"sid:{maker}{number}", home, MARKS[mark], to))  # type: ignore[arg-type]
    return Ring("sessions", ("m1", "m2", "m3"), tuple(tries), "" if tries else "no session was found")


CASES = [
    case("memcached-evicts-sessions", FAIL, memcached(evicted_with_expiry_delta=7), says="7 items"),
    case("memcached-evicts-sessions", PASS, memcached(evicted_delta=7, evicted_with_expiry=7)),
    case("memcached-evicts-sessions", UNSURE),
    case("memcached-evictions-counted", FAIL, memcached(evicted_with_expiry=7, evicted_idle_s=60), says="60 s after"),
    case("memcached-evictions-counted", PASS, memcached(evicted=7)),
    case("memcached-refuses-large-items", FAIL, memcached(too_large=2, largest_item=8192), says="larger than 8 KiB"),
    case("memcached-refuses-large-items", FAIL, memcached(too_large=2, too_large_delta=1), says="just now"),
    case("memcached-refuses-large-items", PASS, memcached()),
    case("memcached-refuses-writes", FAIL, memcached(no_memory=2, evicts=False), says="-M"),
    case("memcached-refuses-writes", FAIL, memcached(no_memory=2), says="no page"),
    case("memcached-refuses-writes", PASS, memcached(evicts=False)),
    case("memcached-connections-refused", FAIL, memcached(full=True), says="no connection left"),
    case("memcached-connections-refused", FAIL, memcached(refused_connections=3), says="limit is 1024"),
    case("memcached-connections-refused", PASS, memcached(connections=1000)),
    case("memcached-recently-emptied", FAIL, memcached(flushes=1, uptime_s=60), shop(), says="emptied 1 times"),
    case("memcached-recently-emptied", FAIL, memcached(flushes=3, flushes_delta=1), shop(), says="emptied 3 times"),
    case("memcached-recently-emptied", FAIL, memcached(restarted=True), shop(), says="anew"),
    case("memcached-recently-emptied", PASS, memcached(flushes=3), shop()),
    case("memcached-recently-emptied", PASS, memcached(uptime_s=3), shop()),
    case("memcached-lifetime-over-30-days", FAIL, located(**NOWHERE), shop(), lasting(MONTH + 1), says="30 days"),
    case("memcached-lifetime-over-30-days", FAIL, located(**NOWHERE), shop(40 * 86400), says="40 days"),
    case("memcached-lifetime-over-30-days", PASS, located(**NOWHERE), shop(), lasting(MONTH)),
    case("memcached-lifetime-over-30-days", PASS, located(), shop(), lasting(2 * MONTH)),
    case("memcached-lifetime-over-30-days", NOT, located(**NOWHERE), topology("external"), lasting(2 * MONTH)),
    case("memcached-lifetime-over-30-days", UNSURE, located(searchable=False, why_not="in the cookie"), shop(),
         lasting(2 * MONTH), says="in the cookie"),
    case("ring-maps-sessions-differently", PASS, ring(app1="ss ss", app2="ss ss")),
    case("ring-maps-sessions-differently", FAIL, ring(app1="se ss", app2="ss se"), says="app3 maps"),
    case("ring-maps-sessions-differently", FAIL, ring(app1="ee ss", app2="es ss"), says="app1 maps"),
    case("ring-maps-sessions-differently", FAIL, ring(app1="e s"), says="app1, app2 map "),
    case("ring-maps-sessions-differently", FAIL, ring(app1="ss sn ss sn", app2="ss sn ss sn"), says="app3 maps"),
    case("ring-maps-sessions-differently", PASS, ring(app1="sn sn", app2="sn sn")),
    case("ring-maps-sessions-differently", PASS, ring(app1="s? ss", app2="ss ??")),
    case("ring-maps-sessions-differently", UNSURE, ring(app1="nn nn"), says="no node"),
    case("ring-maps-sessions-differently", UNSURE, ring(), says="no session was found"),
    case("store-urls-differ", PASS, topology(nodes=(
        Node("app1", store_url=Secret("memcached://a:1,b:2")), Node("app2", store_url=Secret("memcached://b:2,a:1"))))),
    case("store-urls-differ", FAIL, topology(nodes=(
        Node("app1", store_url=Secret("memcached://a:1,b:2")), Node("app2", store_url=Secret("memcached://a:1")),
        Node("app3", store_url=Secret("memcached://a:1,b:2")))), says="app2 uses a:1"),
]  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_case(case: Case, judge: Judge) -> None:
    """The check says what it must."""
    verify(case, judge)


def test_redis_is_judged_by_other_checks(judge: Judge) -> None:
    """Figures of a Redis say nothing of a memcached."""
    (finding,) = judge("memcached-evictions-counted", server(evicted_keys=9))
    assert finding.status == "inconclusive"
