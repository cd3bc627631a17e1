"""Lost updates, requests that queue, and sessions that grow."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from sessiondoctor.evidence.flows.growth import Growth, SizeStep
from sessiondoctor.evidence.flows.updates import Burst, Queue, Updates
from sessiondoctor.evidence.stores.memcached_server import MemcachedServer
from tests.checks.cases import FAIL, PASS, UNSURE, Case, case, verify

if TYPE_CHECKING:
    from tests.checks.conftest import Judge


def burst(**changes: Any) -> Burst:
    """Of a site that counts everything."""
    settings: dict[str, Any] = {"way": "site", "alone": 6, "alone_counted": 6, "parallel": 12}
    return Burst(**(settings | {"counted": 12, "counted_later": 12} | changes))


def updates(*bursts: Burst) -> Updates:
    """Bursts, and nothing about queues."""
    return Updates(bursts or (burst(),))


def queue(one_s: float, own_s: float) -> Updates:
    """Twelve requests in one session, and in sessions of their own."""
    return Updates((burst(),), Queue("app1", 12, 0.03, one_s, own_s))


def size_step(size_kib: int, **changes: Any) -> SizeStep:
    """A session that bears this size."""
    settings: dict[str, Any] = {"grew": True, "status": 200, "state": "kept", "look_status": 200}
    return SizeStep(1024 * size_kib, **(settings | changes))


def growth(*, again: bool = True, direct: Any = None, **last: Any) -> Growth:
    """A session that bears 4 KiB; `last` is what happens at 8 KiB, `again` with a second session, too."""
    failed = size_step(8, **last)
    if failed.lives:
        return Growth((size_step(4), failed), 8 * 1024)
    second = None if again else size_step(8)
    node = None if direct is None else size_step(8, **direct)
    return Growth((size_step(4), failed), 8 * 1024, second, node, "app1" if node else "")


def climbed(*lives_kib: int, ends_kib: int = 0, **last: Any) -> Growth:
    """A ladder of these sizes, and the one at which it ended."""
    size_steps = tuple(map(size_step, lives_kib)) + ((size_step(ends_kib, **last),) if ends_kib else ())
    return Growth(size_steps, max(size_step.size for size_step in size_steps))


def inside(**last: Any) -> Growth:
    """A session that is in its cookie and bears 4 KiB; no node can be asked."""
    return Growth((size_step(4, cookie_bytes=4000), size_step(8, **last)), 8 * 1024)


def memcached(largest_kib: int) -> MemcachedServer:
    """A server with this -I."""
    return MemcachedServer("sessions", "10.0.0.9:11211", largest_item=1024 * largest_kib)


REFUSED: dict[str, Any] = {"refused": "session", "cookie_bytes": 8300}
GONE: dict[str, Any] = {"grew": True, "state": "lost"}
STUCK: dict[str, Any] = {"grew": False, "status": 500}
TOO_BIG: dict[str, Any] = {"grew": False, "status": 502, "trouble": "POST /blob: status 502"}
BLOCKED: dict[str, Any] = {"state": "lost", "look_status": 400}

CASES = [
    case("session-ends-at-item-limit", FAIL, climbed(256, ends_kib=1025, **GONE), says="256 KiB lives, one of 1025"),
    case("session-ends-at-item-limit", PASS, climbed(64, 256, 1025, ends_kib=1536, **GONE), says="ends at 1536 KiB"),
    case("session-ends-at-item-limit", PASS, climbed(32, ends_kib=64, **GONE), says="ends at 64 KiB"),
    case("session-ends-at-item-limit", PASS, climbed(64, 256, 1025, 1536), says="lives at 1536 KiB"),
    case("session-ends-at-item-limit", PASS, climbed(64, 256, ends_kib=1025, **REFUSED)),
    case("session-ends-at-item-limit", FAIL, climbed(4, ends_kib=8, **GONE), memcached(8), says="at most 8 KiB"),
    case("session-ends-at-item-limit", PASS, climbed(4, ends_kib=8, **GONE), memcached(64)),
    case("session-ends-at-item-limit", PASS, climbed(32, 64), memcached(8)),
    case("session-ends-at-item-limit", UNSURE, climbed(32, 64), says="--allow interact"),
    case(
        "cookie-outgrows-browser", FAIL, growth(**REFUSED), says="at 8 KiB of session the cookie session has 8300 bytes"
    ),
    case("cookie-outgrows-browser", PASS, growth()),
    case("cookie-outgrows-browser", UNSURE, growth(**TOO_BIG), says="502"),
    case("proxy-rejects-large-session", FAIL, growth(direct={"cookie_bytes": 4300}, **TOO_BIG), says="cookie of 4300"),
    case("proxy-rejects-large-session", FAIL, growth(direct={}, **BLOCKED), says="400 at 8 KiB"),
    case("proxy-rejects-large-session", PASS, growth(direct=TOO_BIG, **TOO_BIG), says="app1 itself answers 502"),
    case("proxy-rejects-large-session", PASS, growth(direct=GONE, **GONE)),
    case("proxy-rejects-large-session", PASS, growth(again=False, **TOO_BIG)),
    case("proxy-rejects-large-session", PASS, growth()),
    case("proxy-rejects-large-session", FAIL, inside(**TOO_BIG), says="502 at 8 KiB; no node"),
    case("proxy-rejects-large-session", UNSURE, inside(**BLOCKED), says="no node could be asked"),
    case("session-lost-when-large", UNSURE, inside(**TOO_BIG), says="a proxy fails"),
    case("session-lost-when-large", FAIL, inside(**GONE), says="4 KiB still worked"),
    case("proxy-rejects-large-session", UNSURE, growth(**TOO_BIG), says="no node could be asked"),
    case(
        "session-lost-when-large",
        FAIL,
        growth(direct=GONE, **GONE),
        says="whole session is lost, without an error, at 8",
    ),
    case("session-lost-when-large", FAIL, growth(**GONE), says="4 KiB still worked"),
    case("session-lost-when-large", FAIL, growth(direct=STUCK, **STUCK), says="no longer grow (status 500)"),
    case("session-lost-when-large", FAIL, growth(state="unknown", look_status=500), says="no longer answers"),
    case("session-lost-when-large", PASS, growth(), says="8 KiB survives"),
    case("session-lost-when-large", UNSURE, growth(again=False, **GONE), says="was lost once"),
    case("session-lost-when-large", UNSURE, growth(**REFUSED), says="browser"),
    case("session-lost-when-large", UNSURE, growth(direct={}, **TOO_BIG), says="in front of app1"),
    case("session-lost-when-large", UNSURE, growth(grew=False, status=0, state="unknown"), says="no answer"),
    case("updates-lost", FAIL, updates(burst(counted=1, counted_later=1)), says="11 of 12 increments"),
    case("updates-lost", FAIL, updates(burst(), burst(way="node", nodes=("app1",), counted=11, counted_later=11))),
    case("updates-lost", FAIL, updates(burst(counted=3, counted_later=None)), says="9 of 12"),
    case("updates-lost", PASS, updates()),
    case("updates-lost", PASS, updates(burst(counted=4, counted_later=12))),
    case("updates-lost", PASS, updates(burst(parallel=9, counted=9, counted_later=9)), says="all 9"),
    case("updates-lost", UNSURE, updates(burst(alone_counted=2, trouble="one after the other")), says="one after"),
    case("updates-lost", UNSURE, updates(burst(counted=-6, counted_later=-6)), says="session itself was lost"),
    case("updates-lost", UNSURE, updates(burst(alone=0, alone_counted=0, trouble="status 500")), says="status 500"),
    case("updates-lost", UNSURE, Updates(())),
    case("requests-of-a-session-queue", FAIL, queue(0.48, 0.12), says="0.48 s in one session and 0.12 s"),
    case("requests-of-a-session-queue", PASS, queue(0.12, 0.12)),
    case("requests-of-a-session-queue", PASS, queue(0.40, 0.30)),
    case("requests-of-a-session-queue", PASS, queue(0.20, 0.07)),
    case("requests-of-a-session-queue", PASS, queue(0.04, 0.01)),
    case("requests-of-a-session-queue", UNSURE, updates()),
]


@pytest.mark.parametrize("row", CASES)
def test_a_case(row: Case, judge: Judge) -> None:
    """Evidence in, findings out."""
    verify(row, judge)
