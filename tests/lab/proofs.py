"""What a scenario must show to a naive user before the tool is asked.

A proof raises `AssertionError` when its fact does not hold, and returns what must not be printed about the
sessions it made.
"""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING

from tests.lab.servers.haproxy import HAProxy
from tests.lab.servers.redis import client
from tests.lab.shopper import Shopper

if TYPE_CHECKING:
    from tests.lab.cluster import Cluster

Proof = Callable[["Cluster"], frozenset[str]]

USERS = 4
GROUPS = 4
CROWD = 8
VISITS = 6
PATIENCE_S = 30.0
PAUSE_S = 0.4
NOTHING: frozenset[str] = frozenset()


def state_survives(cluster: Cluster) -> frozenset[str]:
    """No user loses a cart at the site."""
    lost, traces = _losses(cluster, cluster.site)
    assert lost == 0, f"{lost} of {USERS} users lost their cart at a healthy site"
    return traces


def state_is_lost(cluster: Cluster) -> frozenset[str]:
    """At least one user loses a cart at the site; more are sent where the first ones are lucky."""
    traces = NOTHING
    for _ in range(GROUPS):
        lost, found = _losses(cluster, cluster.site)
        traces |= found
        if lost:
            return traces
    raise AssertionError("nobody lost a cart: the fault does not show")


def state_is_lost_at_times(cluster: Cluster) -> frozenset[str]:
    """Of several users who go on using the site somebody loses a cart within some seconds."""
    limit = time.monotonic() + PATIENCE_S
    with ExitStack() as stack:
        users = [stack.enter_context(Shopper(cluster)) for _ in range(CROWD)]
        carts = [(user, user.adds()) for user in users]
        while time.monotonic() < limit:
            if not all(user.sees(item) for user, item in carts):
                return NOTHING.union(*(user.traces() for user in users))
            time.sleep(PAUSE_S)
    raise AssertionError("nobody lost a cart: the fault does not show")


def state_is_lost_in_a_crowd(cluster: Cluster) -> frozenset[str]:
    """Of several users at the same time one loses a cart: one after the other might all meet one worker of a node."""
    with ThreadPoolExecutor(CROWD) as pool:
        groups = list(pool.map(lambda _: _losses(cluster, cluster.site), range(CROWD)))
    assert any(lost for lost, _ in groups), "nobody lost a cart: the fault does not show"
    return NOTHING.union(*(traces for _, traces in groups))


def later_change_is_lost(cluster: Cluster) -> frozenset[str]:
    """What a user puts into a cart first is there for good, and what is added later is gone at times."""
    with Shopper(cluster) as user:
        first = user.adds()
        later = [user.adds() for _ in range(VISITS)]
        assert all(user.sees(first) for _ in range(VISITS)), "what was put there first is lost"
        assert not all(user.sees(item) for item in later for _ in range(VISITS)), (
            "nothing is lost: the fault does not show"
        )
        return user.traces()


def nodes_keep_their_own(cluster: Cluster) -> frozenset[str]:
    """On each node alone, nobody loses a cart: the fault is between the nodes or at the balancer."""
    everything = NOTHING
    for name, url in cluster.nodes.items():
        lost, traces = _losses(cluster, url)
        assert lost == 0, f"{lost} of {USERS} users lost their cart on {name} alone"
        everything |= traces
    return everything


def state_flaps(cluster: Cluster) -> frozenset[str]:
    """A cart is gone and comes back, and all the while the browser keeps one cookie."""
    with Shopper(cluster) as user:
        item = user.adds()
        cookies = user.cookies()
        visits = [user.sees(item) for _ in range(VISITS)]
        assert user.cookies() == cookies, "it was given another cookie"
    assert (False, True) in itertools.pairwise(visits), f"{visits}: the cart does not come and go"
    return user.traces()


def login_survives(cluster: Cluster) -> frozenset[str]:
    """Nobody who logs in is logged out."""
    logged_out, traces = _logged_out(cluster)
    assert not logged_out, f"{logged_out} of {USERS} users were logged out at a healthy site"
    return traces


def login_is_lost(cluster: Cluster) -> frozenset[str]:
    """At least one user is logged out."""
    logged_out, traces = _logged_out(cluster)
    assert logged_out, "nobody was logged out: the fault does not show"
    return traces


def form_is_taken(cluster: Cluster) -> frozenset[str]:
    """Everybody's form is taken, with the token it came with."""
    traces = NOTHING
    for _ in range(USERS):
        with Shopper(cluster) as user:
            assert user.pays(), f"the form was answered {user.last_status}"
            traces |= user.traces()
    return traces


def form_is_rejected(cluster: Cluster) -> frozenset[str]:
    """At least one form is refused, though it came with its token."""
    traces, taken = NOTHING, []
    for _ in range(USERS):
        with Shopper(cluster) as user:
            taken.append(user.pays())
            traces |= user.traces()
    assert not all(taken), "every form was taken: the fault does not show"
    return traces


def cookies_are(attribute: str) -> Proof:
    """Every cookie is set with this attribute."""

    def proof(cluster: Cluster) -> frozenset[str]:
        with Shopper(cluster) as user:
            user.adds()
            assert user.lines, "no cookie is set"
            assert all(attribute in line for line in user.lines), f"cookies are not set with {attribute}"
            return user.traces()

    return proof


def state_is_lost_after(seconds: float) -> Proof:
    """Nobody loses a cart at once, but at least one user does by being idle."""

    def proof(cluster: Cluster) -> frozenset[str]:
        with ExitStack() as stack:
            users = [stack.enter_context(Shopper(cluster)) for _ in range(USERS)]
            carts = [(user, user.adds()) for user in users]
            assert all(user.sees(item) for user, item in carts), "lost at once, not by being idle"
            time.sleep(seconds)
            assert not all(user.sees(item) for user, item in carts), f"all still there after {seconds} s"
            return NOTHING.union(*(user.traces() for user in users))

    return proof


def somebody_elses_cart_is_shown(cluster: Cluster) -> frozenset[str]:
    """A user without anything sees what another one bought."""
    with Shopper(cluster) as first, Shopper(cluster) as second:
        item = first.adds()
        assert first.sees(item), "not even the buyer sees it"
        assert second.sees(item), "the second user does not see it"
        return first.traces() | second.traces()


def no_cookie_is_kept(cluster: Cluster) -> frozenset[str]:
    """A browser holds no cookie after it was given state."""
    with Shopper(cluster) as user:
        user.adds()
        assert not user.holds_cookies(), "the browser keeps a cookie"
        return user.traces()


def keys_live_at_most(seconds: int, keys: str = "sess:*") -> Proof:
    """The store forgets a fresh session after `seconds`."""

    def proof(cluster: Cluster) -> frozenset[str]:
        with Shopper(cluster) as user:
            user.adds()
            traces = user.traces()
        with client(cluster.stores["redis"]) as store:
            lives = [store.pttl(key) for key in store.scan_iter(keys)]
        assert lives, "no session in the store"
        assert all(0 < int(life) <= 1000 * seconds for life in lives), f"they live {lives} ms"
        return traces

    return proof


def reading_does_not_extend(keys: str) -> Proof:
    """A session that is read lives no longer for it: its time goes on running out."""

    def proof(cluster: Cluster) -> frozenset[str]:
        with Shopper(cluster) as user, client(cluster.stores["redis"]) as store:
            known = set(store.scan_iter(keys))
            item = user.adds()
            (key,) = set(store.scan_iter(keys)) - known
            life = int(store.pttl(key))
            time.sleep(0.1)
            assert user.sees(item), "the session is lost"
            assert int(store.pttl(key)) <= life - 100, "reading it has extended it"
            return user.traces()

    return proof


def store_refused(store: str, error: str) -> Proof:
    """A Redis of the laboratory has answered with `error`, such as OOM, to somebody."""

    def proof(cluster: Cluster) -> frozenset[str]:
        with client(cluster.stores[store]) as connection:
            errors = connection.info("errorstats")
        assert f"errorstat_{error}" in errors, f"{store} refused only {sorted(errors)}"
        return NOTHING

    return proof


def store_evicts(cluster: Cluster) -> frozenset[str]:
    """The count of evicted keys rises."""
    with client(cluster.stores["redis"]) as connection:
        before = connection.info("stats")["evicted_keys"]
        time.sleep(0.5)
        after = connection.info("stats")["evicted_keys"]
    assert after > before, "nothing is evicted"
    return NOTHING


def clock_is_off(node: str, seconds: int) -> Proof:
    """A node's Date differs from ours by `seconds`."""

    def proof(cluster: Cluster) -> frozenset[str]:
        with Shopper(cluster, cluster.nodes[node]) as user:
            date = parsedate_to_datetime(user.front_page().headers["Date"])
        assert abs(date.timestamp() - time.time() - seconds) < 3, f"its Date is {date}"
        return NOTHING

    return proof


def balancer_says_down(node: str) -> Proof:
    """HAProxy has taken a node out."""

    def proof(cluster: Cluster) -> frozenset[str]:
        assert isinstance(cluster.balancer, HAProxy)
        states = cluster.balancer.states()
        assert states[node].startswith("DOWN"), f"{states}"
        return NOTHING

    return proof


def site_answers(status: int) -> Proof:
    """Giving state to the site is answered with `status`."""

    def proof(cluster: Cluster) -> frozenset[str]:
        with Shopper(cluster) as user:
            user.adds()
            assert user.last_status == status, f"it answers {user.last_status}"
            return user.traces()

    return proof


def _logged_out(cluster: Cluster) -> tuple[int, frozenset[str]]:
    """How many of a few users are logged out within a few visits."""
    logged_out, traces = 0, NOTHING
    for _ in range(USERS):
        with Shopper(cluster) as user:
            user.signs_in()
            visits = [user.is_signed_in() for _ in range(VISITS)]
            logged_out += not all(visits)
            traces |= user.traces()
    return logged_out, traces


def _losses(cluster: Cluster, url: str) -> tuple[int, frozenset[str]]:
    """How many of a few users lose their cart within a few visits."""
    lost, traces = 0, NOTHING
    for _ in range(USERS):
        with Shopper(cluster, url) as user:
            item = user.adds()
            # All visits, so an odd number of requests for each user: round robin starts the next one elsewhere.
            visits = [user.sees(item) for _ in range(VISITS)]
            lost += not all(visits)
            traces |= user.traces()
    return lost, traces
