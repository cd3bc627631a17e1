"""Evidence for checks of parallel updates and large sessions."""

from __future__ import annotations

from typing import Any

from sessiondoctor.evidence.flows.growth import Growth, SizeStep
from sessiondoctor.evidence.flows.page_load import Asset, PageLoad
from sessiondoctor.evidence.flows.updates import Burst, Queue, Updates
from sessiondoctor.evidence.stores.memcached_server import MemcachedServer


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


def page_load(**changes: Any) -> PageLoad:
    """Of a session that bears it."""
    settings: dict[str, Any] = {
        "looks": 4, "before": 4, "at_once": 6, "after": "kept", "assets": (Asset("/logo.png", 200),), "after_assets": "kept",
    }  # fmt: skip
    return PageLoad(**(settings | changes))


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
