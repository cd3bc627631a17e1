from __future__ import annotations

from itertools import count
from typing import TYPE_CHECKING

from sessiondoctor.context import Options
from sessiondoctor.evidence.entry.visits import Visits
from sessiondoctor.evidence.nodes.replay import Replay
from sessiondoctor.probes.contract import Absent
from sessiondoctor.probes.nodes import same_node
from sessiondoctor.topology.model import bare
from tests.checks.build import replay, trace, visits
from tests.fakes.cluster import Call, Cluster, Reply, RoundRobin, Shop, shops

if TYPE_CHECKING:
    import pytest

    from sessiondoctor.evidence.nodes.same_node import SameNode
    from tests.fakes.cluster import App

LOST = {Visits: visits(trace("- -", "kl")), Replay: replay()}
KEPT = {Visits: visits(), Replay: replay()}


def asked(app: App, known: dict[type[object], object] | None = None) -> SameNode:
    """What is seen of one node that answers so."""
    cluster = Cluster(app, [Shop("app1")], instead={"app1": app}, known=LOST if known is None else known)
    seen: SameNode = cluster.evidence(same_node)
    return seen


def test_a_node_that_always_knows_its_sessions() -> None:
    """At once, each time, and from everywhere."""
    seen = asked(Shop("app1"))
    assert seen.looks == {"app1": ("kept",) * 5}
    assert [(tried.at_once, tried.later) for tried in seen.tries] == [("kept", "unknown")] * 5
    assert (seen.node, seen.same_address, seen.other_address, seen.same_again) == ("app1", "kept", "kept", "kept")
    assert not seen.undecided


def test_workers_that_share_nothing_know_a_session_at_times() -> None:
    """Two processes take connections in turn at one address."""
    seen = asked(RoundRobin(shops(2)))
    assert set(seen.looks["app1"]) == {"kept", "lost"}
    assert seen.undecided == ("app1",)


def test_what_is_saved_late_is_missed_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """The first read after a write comes before the session is there."""
    monkeypatch.setattr(same_node, "LATER_S", 0.0)
    shop, turns = Shop("app1"), count()
    unsaved: dict[str, int] = {}

    def late(call: Call) -> Reply:
        if call.method == "GET" and unsaved.pop(call.headers.get("cookie", ""), 0):
            return Reply(body="<ul></ul>")
        reply = shop(call)
        for _, value in reply.headers:
            if value.startswith("connect.sid"):
                unsaved[value.partition(";")[0]] = next(turns) + 1
        return reply

    seen = asked(late)
    assert [(tried.at_once, tried.later) for tried in seen.tries] == [("lost", "kept")] * 5


def test_a_session_that_belongs_to_an_address() -> None:
    """Whoever comes from another one is a new client, and ends the session."""
    shop, owners = Shop("app1"), dict[str, str]()

    def bound(call: Call) -> Reply:
        address, cookie = call.headers.get("x-forwarded-for", ""), call.headers.get("cookie", "")
        if cookie and owners.setdefault(cookie, address) != address:
            shop.sessions.clear()
        return shop(call)

    seen = asked(bound)
    assert (seen.same_address, seen.other_address, seen.same_again) == ("kept", "lost", "lost")


def test_nobody_is_asked_where_nothing_is_lost() -> None:
    """Healthy sites do not pay for it."""
    assert not asked(Shop("app1"), KEPT).called_for


def test_a_site_without_node_urls_cannot_be_asked() -> None:
    """The hint says what to add."""
    (absent,) = same_node.plan(bare("https://shop.test/"), Options())
    assert isinstance(absent, Absent)
    assert "nodes" in absent.hint
