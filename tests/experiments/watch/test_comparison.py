from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from sessiondoctor.experiments.watch.memory import MOST_COOKIES, MOST_NODES, Memory
from sessiondoctor.experiments.watch.seen import NodeSeen, ServerSeen
from tests.fakes.watched import NODES, START, Site, read, told, visitor

if TYPE_CHECKING:
    from collections.abc import Callable

    from sessiondoctor.experiments.watch.seen import Change


def test_a_first_round_has_nothing_to_compare_with() -> None:
    """And one like it neither."""
    Site().settled()


def test_a_deploy() -> None:
    """Of a node that had answered alike in two rounds."""
    site = Site().settled()
    site.builds["app2"] = "2"
    (change,) = site.round()
    assert (change.kind, change.subject) == ("deployed", "app2")
    assert change.text == "app2 was deployed: x-app-version is 2, and was 1"
    assert site.round() == ()
    assert dict(site.memory.totals("deploys")) == {("app2",): 1.0}


def test_what_varies_by_itself_is_no_deploy() -> None:
    """Such as a number that is another one each time."""
    site = Site()
    for number in range(10):
        site.builds["app2"] = str(number)
        assert site.round() == ()


def test_a_node_goes_and_comes_back() -> None:
    """Said once each."""
    site = Site().settled()
    site.up["app2"] = False
    assert told(site.round()) == [("node-down", "app2")]
    assert site.round() == ()
    site.up["app2"] = None
    assert site.round() == ()
    site.up["app2"] = True
    assert told(site.round()) == [("node-up", "app2")]


def test_nodes_that_nobody_declared() -> None:
    """One that answers after a while is new; one that was always there and is no more has left."""
    site = Site().settled(12)
    site.builds["app4"], site.up["app4"] = "1", True
    assert told(site.round()) == [("node-appeared", "app4")]
    del site.builds["app1"]
    changes = [told(site.round()) for _ in range(12)]
    assert [one for one in changes if one] == [[("node-left", "app1")]]


def test_names_that_never_end() -> None:
    """The oldest are forgotten, and their totals are added up."""
    memory = Memory("shop")
    site = Site(memory=memory)
    for number in range(3 * MOST_NODES):
        name = f"pod-{number}"
        site.builds, site.up = {name: "1"}, {name: True}
        one = visitor(number, name)
        site.round(sessions=(read(one, site.at),), most=1)
    assert len(memory.nodes) == MOST_NODES
    reads = dict(memory.totals("session_reads"))
    assert len(reads) <= MOST_NODES + 1
    assert sum(reads.values()) == 3 * MOST_NODES
    assert reads["other",] >= 2 * MOST_NODES


@pytest.mark.parametrize(
    ("change", "kinds"),
    [
        ({"uptime_s": -890.0}, ["store-restarted"]),
        ({"flushes": 1}, ["store-emptied"]),
        ({"evicted": 70}, ["evicted"]),
        ({"role": "slave"}, ["store-changed"]),
        ({"policy": "allkeys-lru"}, ["store-changed"]),
        ({"limit_bytes": 1 << 20}, ["store-changed"]),
        ({"keys": 1, "hits": 0, "misses": 900, "used_bytes": 7}, []),
    ],
)
def test_a_store(change: dict[str, Any], kinds: list[str]) -> None:
    """What it says of itself, against what it said before."""
    site = Site().settled()
    site.store = replace(site.store, **change)
    assert [kind for kind, _ in told(site.round())] == kinds


def test_evictions_are_said_when_they_begin_and_end() -> None:
    """Not in each round."""
    site = Site().settled()
    lines: list[Change] = []
    for number in range(20):
        site.store = replace(site.store, evicted=min(number, 5) * 10)
        lines += site.round()
    assert [one.kind for one in lines] == ["evicted", "store-changed"]
    assert lines[1].text == "sessions evicts no more, after 50 keys"


def test_a_balancer() -> None:
    """Its servers: other states, out and back between two rounds, new ones, and ones that are gone."""
    site, up = Site(), ServerSeen("edge", "app1", "UP", 0)
    assert site.round(servers=(up,)) == ()
    assert site.round(servers=(replace(up, status="UP 1/2"),)) == ()
    assert told(site.round(servers=(replace(up, went_down=1),))) == [("balancer", "app1")]
    assert told(site.round(servers=(replace(up, went_down=2, status="DOWN"),))) == [("balancer", "app1")]
    assert told(site.round(servers=(replace(up, went_down=2), replace(up, name="app9")))) == [
        ("balancer", "app1"), ("node-appeared", "app9"),
    ]  # fmt: skip
    assert told(site.round(servers=(replace(up, went_down=2),))) == [("node-left", "app9")]
    assert site.round(servers=()) == ()  # nobody spoke


def lost(site: Site, **how: Any) -> tuple[Any, ...]:
    """A round in which the first session, of app1, is gone."""
    first, *others = site.sessions
    sessions = (read(first, site.at, here=False, **how), *(read(one, site.at) for one in others))
    changes = site.round(sessions=sessions)
    assert len(site.memory.sessions) == 5
    return changes


def nothing(_site: Site) -> None:
    """No change."""


def deployed(site: Site) -> None:
    """Another build of its node."""
    site.builds["app1"] = "2"


def deployed_elsewhere(site: Site) -> None:
    """Another build of another node, as that which makes a key for all."""
    site.builds["app3"] = "2"


def down(site: Site) -> None:
    """Its node refuses."""
    site.up["app1"] = False


def emptied(site: Site) -> None:
    """By somebody."""
    site.store = replace(site.store, flushes=1)


def restarted(site: Site) -> None:
    """The store."""
    site.store = replace(site.store, uptime_s=-890.0)


def evicting(site: Site) -> None:
    """The store."""
    site.store = replace(site.store, evicted=5)


def stepped(site: Site) -> None:
    """The clock of its node."""
    site.clocks = (replace(site.clocks[0], offset_s=600.0), site.clocks[1])


@pytest.mark.parametrize(
    ("happened", "how", "reason", "says"),
    [
        (deployed, {}, "deploy", "lost across the deploy of app1 at "),
        (deployed_elsewhere, {}, "deploy", "lost across the deploy of app3 at "),
        (down, {}, "node-down", "lost when app1 was down at "),
        (emptied, {}, "store-emptied", "lost when sessions was emptied at "),
        (restarted, {}, "store-restart", "lost across the restart of sessions at "),
        (evicting, {}, "eviction", "lost while sessions evicted keys at "),
        (stepped, {}, "clock", "lost when the clock of app1 stepped at "),
        (nothing, {}, "unknown", "lost; nothing else was seen to change"),
        (nothing, {"node": "app2"}, "move", "lost on app2, where it was led"),
        (deployed, {"node": "app2", "at_home": True}, "move", "lost on app2, where it was led; app1 still has it"),
    ],
)
def test_what_a_loss_is_put_down_to(
    happened: Callable[[Site], None], how: dict[str, Any], reason: str, says: str
) -> None:
    """What was seen to happen since the session was last there."""
    site = Site()
    site.round(sessions=(), born=tuple(site.sessions))
    site.settled(2)
    happened(site)
    changes = lost(site, **how)
    (loss,) = (one for one in changes if one.kind == "session-lost")
    assert loss.subject == "app1"
    assert loss.text.startswith("1 session of app1, there at ")
    assert says in loss.text
    assert dict(site.memory.totals("sessions_lost")) == {("app1", reason): 1.0}


def test_what_happened_before_a_session_was_last_there_explains_nothing() -> None:
    """The deploy was two rounds ago, and it was read since."""
    site = Site()
    site.round(sessions=(), born=tuple(site.sessions))
    site.settled(2)
    deployed(site)
    site.round()
    site.settled(1)
    assert "nothing else was seen to change" in lost(site)[0].text


def test_the_end_of_a_cookie_is_no_loss() -> None:
    """The session has its natural end."""
    site = Site()
    ends = tuple(replace(cookie, expires_at=START + 700) for cookie in site.sessions[0].cookies)
    site.sessions[0] = replace(site.sessions[0], cookies=ends)
    site.round(sessions=(), born=tuple(site.sessions))
    site.settled(2)
    assert told(lost(site)) == [("session-ended", "app1")]


def test_a_look_that_cannot_tell_is_no_loss() -> None:
    """The session stays, and is read again."""
    site = Site().settled(1)
    sessions = tuple(read(one, site.at, here=None) for one in site.sessions)
    changes = site.round(sessions=sessions, troubles={"sessions": "status 503"})
    assert told(changes) == [("could-not-look", "sessions")]
    assert len(site.memory.sessions) == 6
    assert not list(site.memory.totals("sessions_lost"))
    assert told(site.round()) == [("looked-again", "sessions")]


def test_what_could_not_be_looked_at_is_said_once_and_counted_each_time() -> None:
    """And no success is noted meanwhile."""
    site = Site().settled(1)
    ok_at = site.memory.ok_at
    assert told(site.round(troubles={"app1": "no answer"})) == [("could-not-look", "app1")]
    assert site.round(troubles={"app1": "no answer within 5 s"}) == ()
    assert site.memory.ok_at == ok_at
    assert dict(site.memory.totals("failed_looks")) == {("app1",): 2.0}


def test_moves_are_said_when_they_begin() -> None:
    """And counted by the node that was left."""
    site = Site().settled(1)
    moved = [read(one, site.at, node="app3") for one in site.sessions]
    (change,) = site.round(sessions=tuple(moved))
    assert change.kind == "session-moved"
    assert change.text == "4 of 6 sessions were led to another node: app1 to app3 (2), app2 to app3 (2)"
    assert dict(site.memory.totals("affinity_moves")) == {("app1",): 2.0, ("app2",): 2.0}
    assert site.round(sessions=tuple(read(one, site.at, node="app2") for one in site.sessions)) == ()


def test_the_oldest_session_makes_room() -> None:
    """Of the node that has most."""
    site = Site().settled(1)
    site.round(born=(visitor(7, "app1"),))
    kept = [one.visitor.home for one in site.memory.sessions]
    assert len(kept) == 6
    assert sorted(kept) == ["app1", "app1", "app2", "app2", "app3", "app3"]
    assert visitor(0) not in [one.visitor for one in site.memory.sessions]


def test_cookies_that_live_otherwise() -> None:
    """By a fifth at least; of however many names."""
    site = Site()
    assert site.round(lifetimes={"sid": 1800.0}) == ()
    assert site.round(lifetimes={"sid": 1799.0}) == ()
    assert told(site.round(lifetimes={"sid": 600.0})) == [("cookie", "sid")]
    site.round(lifetimes={f"c{number}": 1.0 for number in range(100)})
    assert len(site.memory.lifetimes) == MOST_COOKIES


def test_certificates() -> None:
    """Renewed, and about to end: said once."""
    site, day = Site(), 86400.0
    ends = START + 14 * day + 450
    assert site.round(certificate_ends=ends) == ()
    assert site.round(certificate_ends=ends) == ()
    assert told(site.round(certificate_ends=ends)) == [("certificate", "site")]
    assert site.round(certificate_ends=ends) == ()
    assert told(site.round(certificate_ends=ends + 90 * day)) == [("certificate", "site")]
    nodes = tuple(NodeSeen(name, up=True, certificate_ends=ends) for name in NODES)
    assert site.round(nodes=nodes, certificate_ends=ends + 90 * day) == ()
