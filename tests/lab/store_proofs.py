"""What a naive user and a plain client of Redis see of a store that is ill, before the tool is asked."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import ExitStack, suppress
from typing import TYPE_CHECKING, Any

import redis

from tests.lab.proofs import NOTHING, USERS
from tests.lab.servers.redis import client
from tests.lab.shopper import Shopper

if TYPE_CHECKING:
    from tests.lab.cluster import Cluster
    from tests.lab.proofs import Proof

Event = Callable[[Any], None]
"""What happens to a store; it is given a plain client."""


def everybody_is_out_after(event: Event) -> Proof:
    """Nobody who was there before it keeps anything, and who comes after it does."""

    def proof(cluster: Cluster) -> frozenset[str]:
        kept, traces = _kept_over(event, cluster)
        assert not any(kept), f"{sum(kept)} of {USERS} users kept their cart"
        with Shopper(cluster) as user:
            assert user.sees(user.adds()), "it does not work afterwards either"
            return traces | user.traces()

    return proof


def nobody_is_out_after(event: Event) -> Proof:
    """Everybody who was there before it keeps everything."""

    def proof(cluster: Cluster) -> frozenset[str]:
        kept, traces = _kept_over(event, cluster)
        assert all(kept), f"{USERS - sum(kept)} of {USERS} users lost their cart"
        return traces

    return proof


def flushall(store: Any) -> None:
    """Somebody empties the server."""
    store.flushall()


def flush_another_database(store: Any) -> None:
    """Somebody empties a cache that is in a database of its own."""
    store.execute_command("SELECT", 5)
    store.set("cache:page", "x")
    store.execute_command("FLUSHDB")


def restart(store: Any) -> None:
    """The server ends without a word and is started again."""
    began = store.info("server")["run_id"]
    with suppress(redis.ConnectionError):
        store.execute_command("DEBUG", "RESTART")
    limit = time.monotonic() + 10
    while _run(store) in {"", began}:
        assert time.monotonic() < limit, "it does not come back"
        time.sleep(0.05)


def evicts_only(victims: str, spared: str) -> Proof:
    """Of keys that match the first pattern some vanish, of those of the second none."""

    def proof(cluster: Cluster) -> frozenset[str]:
        with client(cluster.stores["redis"]) as store:
            before = {pattern: set(store.scan_iter(pattern, 10_000)) for pattern in (victims, spared)}
            time.sleep(1.5)
            after = {pattern: set(store.scan_iter(pattern, 10_000)) for pattern in (victims, spared)}
        assert before[victims] - after[victims], "no session is evicted"
        assert not before[spared] - after[spared], "the cache is evicted, too"
        return NOTHING

    return proof


def has_no_connection_left(cluster: Cluster) -> frozenset[str]:
    """Redis turns a plain client away."""
    trouble = ""
    try:
        with client(cluster.stores["redis"]) as store:
            store.ping()
    except redis.ConnectionError as error:
        trouble = str(error)
    assert "max number of clients" in trouble, trouble or "it lets another one in"
    return NOTHING


def turns_clients_away(cluster: Cluster) -> frozenset[str]:
    """Redis has answered logins with WRONGPASS."""
    with client(cluster.stores["redis"]) as store:
        errors = store.info("errorstats")
    assert {"errorstat_WRONGPASS", "errorstat_NOAUTH"} & set(errors), f"{sorted(errors)}"
    return NOTHING


def answers_after(milliseconds: int) -> Proof:
    """A plain client waits for a PING that long, at least once in a few."""

    def proof(cluster: Cluster) -> frozenset[str]:
        taken = []
        with client(cluster.stores["redis"]) as store:
            for _ in range(8):
                time.sleep(0.1)
                began = time.monotonic()
                store.ping()
                taken.append(1000 * (time.monotonic() - began))
        assert max(taken) >= milliseconds, f"{max(taken):.0f} ms"
        return NOTHING

    return proof


def pages_take(seconds: float) -> Proof:
    """A page with a session takes that long as a rule, and shows what it should."""

    def proof(cluster: Cluster) -> frozenset[str]:
        with Shopper(cluster) as user:
            item = user.adds()
            began = time.monotonic()
            assert all(user.sees(item) for _ in range(4)), "the cart is lost"
            assert time.monotonic() - began >= 4 * seconds, "it is fast"
            return user.traces()

    return proof


def evicted_once(cluster: Cluster) -> frozenset[str]:
    """Redis has evicted keys, some time ago."""
    with client(cluster.stores["redis"]) as store:
        before = store.info("stats")["evicted_keys"]
        time.sleep(0.5)
        assert store.info("stats")["evicted_keys"] == before > 0, "it never has, or it does it now"
    return NOTHING


def keys_never_expire(pattern: str) -> Proof:
    """A fresh session is stored without an expiry."""

    def proof(cluster: Cluster) -> frozenset[str]:
        with Shopper(cluster) as user, client(cluster.stores["redis"]) as store:
            user.adds()
            lives = {store.pttl(key) for key in store.scan_iter(pattern)}
            assert lives == {-1}, f"they live {lives} ms"
            return user.traces()

    return proof


def _kept_over(event: Event, cluster: Cluster) -> tuple[list[bool], frozenset[str]]:
    """Whether each of a few users still has a cart after an event."""
    with ExitStack() as stack:
        users = [stack.enter_context(Shopper(cluster)) for _ in range(USERS)]
        carts = [(user, user.adds()) for user in users]
        assert all(user.sees(item) for user, item in carts), "lost even before"
        with client(cluster.stores["redis"]) as store:
            event(store)
        time.sleep(0.5)  # clients of the store connect again
        kept = [any(user.sees(item) for _ in range(3)) for user, item in carts]
        return kept, NOTHING.union(*(user.traces() for user in users))


def _run(store: Any) -> str:
    try:
        return str(store.info("server")["run_id"])
    except redis.RedisError:
        return ""
