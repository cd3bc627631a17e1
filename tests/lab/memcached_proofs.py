"""What a naive user and a plain client of memcached see, before the tool is asked."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from tests.lab.proofs import NOTHING, USERS, VISITS
from tests.lab.servers.memcached import is_full, keys, stats, told
from tests.lab.shopper import Shopper

MANY_USERS = 30

if TYPE_CHECKING:
    from tests.lab.cluster import Cluster
    from tests.lab.proofs import Proof


def counts(counter: str, server: str = "m1") -> Proof:
    """A counter of `stats` has risen since the start."""

    def proof(cluster: Cluster) -> frozenset[str]:
        count = int(stats(cluster.memcached[server])[counter])
        assert count > 0, f"{counter} is {count}"
        return NOTHING

    return proof


def rises(counter: str, server: str = "m1") -> Proof:
    """A counter of `stats` goes on rising."""

    def proof(cluster: Cluster) -> frozenset[str]:
        before = int(stats(cluster.memcached[server])[counter])
        time.sleep(0.5)
        assert int(stats(cluster.memcached[server])[counter]) > before, f"{counter} does not rise"
        return NOTHING

    return proof


def holds_sessions(prefix: str) -> Proof:
    """Sessions that a user makes are on the servers, under this prefix."""

    def proof(cluster: Cluster) -> frozenset[str]:
        with Shopper(cluster) as user:
            user.adds()
            traces = user.traces()
        found = [key for server in cluster.memcached.values() for key in keys(server)]
        assert any(key.startswith(prefix) for key in found), f"no key of {prefix} among {len(found)}"
        return traces

    return proof


def servers_share(cluster: Cluster) -> frozenset[str]:
    """Each server of the ring has some of the sessions."""
    traces = NOTHING
    for _ in range(4 * USERS):
        with Shopper(cluster) as user:
            user.adds()
            traces |= user.traces()
    empty = [name for name, server in cluster.memcached.items() if not keys(server)]
    assert not empty, f"{empty} have no session"
    return traces


def some_state_is_lost(cluster: Cluster) -> frozenset[str]:
    """Some users lose their cart at the site, and others do not: it depends on the id of the session."""
    traces, kept = NOTHING, set()
    for _ in range(MANY_USERS):
        with Shopper(cluster) as user:
            item = user.adds()
            visits = [user.sees(item) for _ in range(VISITS)]
            kept.add(all(visits))
            traces |= user.traces()
        if kept == {True, False}:
            return traces
    raise AssertionError(f"{MANY_USERS} users all {'kept' if True in kept else 'lost'} their cart")


def flushed(cluster: Cluster) -> frozenset[str]:
    """Everybody loses everything when somebody flushes the store, and may begin anew."""
    with Shopper(cluster) as old, Shopper(cluster) as new:
        item = old.adds()
        assert old.sees(item), "it is lost before the flush"
        for server in cluster.memcached.values():
            told(server, b"flush_all\r\n")
        assert not old.sees(item), "it outlives the flush"
        assert new.sees(new.adds()), "it does not work afterwards either"
        return old.traces() | new.traces()


def has_no_connection_left(cluster: Cluster) -> frozenset[str]:
    """The store refuses a plain client."""
    assert is_full(cluster.memcached["m1"]), "it lets a client in"
    return NOTHING
