"""Changes followed from node to node: what arrives, what arrives late, what never does, what is old on return."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from sessiondoctor.context import Options
from sessiondoctor.evidence.nodes.replay import Replay
from sessiondoctor.probes.contract import Absent
from sessiondoctor.probes.nodes import changes
from sessiondoctor.topology.model import bare
from tests.checks.build import replay
from tests.fakes.cluster import Call, Cluster, Reply, Sessions, Shop

if TYPE_CHECKING:
    import pytest

    from sessiondoctor.evidence.nodes.changes import Changes
    from tests.fakes.cluster import App

KEPT: dict[type[object], object] = {Replay: replay("kk kk")}
LOST: dict[type[object], object] = {Replay: replay("kl lk")}


def asked(one: App, two: App, known: dict[type[object], object] | None = None) -> Changes:
    """What is seen of two nodes that answer so."""
    nodes = [Shop("app1"), Shop("app2")]
    cluster = Cluster(one, nodes, instead={"app1": one, "app2": two}, known=KEPT if known is None else known)
    seen: Changes = cluster.evidence(changes)
    return seen


def test_nodes_that_share_their_sessions() -> None:
    """Each change is at once on the other node, and back."""
    sessions: Sessions = {}
    seen = asked(Shop("app1", sessions), Shop("app2", sessions))
    assert [(pair.made_on, pair.read_on) for pair in seen.pairs] == [("app1", "app2"), ("app2", "app1")]
    for pair in seen.pairs:
        assert (pair.home, pair.third, pair.arrived, len(pair.looks), len(pair.returned)) == (
            "kept",
            "kept",
            True,
            1,
            1,
        )
    assert not seen.arrivals


def test_nodes_that_share_nothing() -> None:
    """The other node has neither the change nor what was before, and makes a session of its own."""
    seen = asked(Shop("app1"), Shop("app2"), LOST)
    for pair in seen.pairs:
        assert (pair.never, pair.first, pair.fate) == (True, "lost", "renewed")
        assert seen.knows(pair) is False
    assert {one.look.state for one in seen.arrivals} == {"lost"}
    assert seen.adopts == {"app1": False, "app2": False}


def only_first(name: str, sessions: Sessions, copies: Sessions) -> App:
    """A node that changes its own object, and copies a session when it is made alone."""
    own = Shop(name, sessions)

    def answer(call: Call) -> Reply:
        sid = own._bare(call).partition(".")[0]
        if sid and sid not in sessions and sid in copies:
            sessions[sid] = list(copies[sid])
        known = set(sessions)
        reply = own(call)
        for made in set(sessions) - known:
            copies[made] = list(sessions[made])
        return reply

    return answer


def test_a_change_that_is_never_saved(monkeypatch: pytest.MonkeyPatch) -> None:
    """What the session was made with is there, and what was changed is not."""
    monkeypatch.setattr(changes, "DELAYS_S", (0.0, 0.01))
    copies: Sessions = {}
    seen = asked(only_first("app1", {}, copies), only_first("app2", {}, copies))
    assert all(pair.never and pair.first == "kept" for pair in seen.pairs)
    assert [len(pair.looks) for pair in seen.pairs] == [2, 2]


def test_a_copy_that_arrives_late() -> None:
    """Looks until it is there; fresh sessions of every age."""
    sessions: Sessions = {}
    one, two, seen_before = Shop("app1", sessions), Shop("app2", sessions), dict[str, int]()

    def late(shop: Shop) -> App:
        def answer(call: Call) -> Reply:
            cookie = call.headers.get("cookie", "") + "".join(re.findall("sd[0-9a-f]{16}", call.body))
            seen_before[cookie] = seen_before.get(cookie, 0) + 1
            if call.method == "GET" and seen_before[cookie] % 3 == 1:
                return Reply(body="<ul></ul>")
            return shop(call)

        return answer

    seen = asked(one, late(two), LOST)
    (pair, _) = seen.pairs
    assert (pair.looks[0].state, pair.looks[-1].state) == ("lost", "kept")
    assert 0.04 < pair.looks[-1].after_s < 0.6
    assert len(seen.arrivals) == 2 * len(changes.DELAYS_S)


def test_an_old_copy() -> None:
    """Each node has copies of its own, and asks the store for what it does not know."""
    store: Sessions = {}

    def caching(name: str) -> App:
        own: Sessions = {}
        shop = Shop(name, own)

        def answer(call: Call) -> Reply:
            sid = shop._bare(call).partition(".")[0]
            if sid and sid not in own and sid in store:
                own[sid] = list(store[sid])
            reply = shop(call)
            store.update({sid: list(items) for sid, items in own.items()} if call.method == "POST" else {})
            return reply

        return answer

    (pair, _) = asked(caching("app1"), caching("app2")).pairs
    assert (pair.arrived, pair.third) == (True, "kept")
    assert {look.state for look in pair.returned} == {"lost"}
    assert pair.own == "kept"


def test_where_nothing_can_be_changed() -> None:
    """The hint says what to declare."""
    (entry,) = changes.plan(bare("https://shop.test/"), Options())
    assert isinstance(entry, Absent)
    assert "site.flow" in entry.hint
