from __future__ import annotations

from dataclasses import dataclass, replace

import pytest

from sessiondoctor.context import Options
from sessiondoctor.evidence.entry.visits import Visits
from sessiondoctor.evidence.nodes.entry_replay import EntryReplay
from sessiondoctor.evidence.nodes.replay import Replay
from sessiondoctor.probes.contract import Absent, Probe
from sessiondoctor.probes.nodes import entry_replay
from sessiondoctor.topology.model import Node, Site, Topology, bare
from tests.checks.build import replay, trace, visits
from tests.fakes.cluster import FLOW, App, Call, Cluster, Reply, RoundRobin, Shop, sharing, shops

LOST = {Visits: visits(trace("- -", "kl")), Replay: replay()}
KEPT = {Visits: visits(), Replay: replay()}


def asked(
    balancer: App, nodes: list[Shop], known: dict[type[object], object] | None = None, **instead: App
) -> EntryReplay:
    """What is seen of sessions that these nodes made."""
    seen: EntryReplay = Cluster(balancer, nodes, instead=instead, known=known or LOST).evidence(entry_replay)
    return seen


@dataclass(frozen=True)
class Stripping:
    """A proxy that takes a cookie out of each request."""

    behind: App

    def __call__(self, call: Call) -> Reply:
        """As if there were none."""
        return self.behind(replace(call, headers={**call.headers, "cookie": ""}))


def test_without_affinity_sessions_are_found_now_and_then() -> None:
    """By the balancer's turns; each client moves."""
    nodes = shops(2)
    seen = asked(RoundRobin(nodes), nodes)
    assert [one.node for one in seen.shown] == ["app1", "app2"]
    assert 0 < seen.found < seen.looks == 18
    assert seen.moved == seen.sound == seen.shown
    assert not (seen.never)
    assert not (seen.stays)


def test_affinity_by_a_cookie_of_the_balancer_keeps_the_client_where_it_came() -> None:
    """Without the cookie it goes anywhere, with it to the node that it met first."""
    nodes = shops(2)
    seen = asked(RoundRobin(nodes, affinity="SRV"), nodes)
    assert seen.stays
    assert not seen.moved
    assert {state for one in seen.shown for state in one.alone} == {"kept", "lost"}
    assert seen.power > 0.9


def test_a_cookie_of_the_balancer_that_browsers_do_not_return_keeps_nobody() -> None:
    """Its Path is not that of the page."""
    nodes = shops(2)
    inner = RoundRobin(nodes, affinity="SRV")

    def elsewhere(call: Call) -> Reply:
        reply = inner(call)
        headers = tuple((name, value.replace("Path=/", "Path=/other")) for name, value in reply.headers)
        return replace(reply, headers=headers)

    assert asked(elsewhere, nodes).moved


def test_a_cookie_that_does_not_get_through_is_found_never() -> None:
    """Neither with nor without a store that the nodes share."""
    for nodes in (shops(2), sharing(2)):
        seen = asked(Stripping(RoundRobin(nodes)), nodes)
        assert (seen.never, seen.found, seen.looks) == (True, 0, 18)
        assert all(one.after == "kept" for one in seen.shown)


def test_shared_sessions_are_found_always() -> None:
    """Whoever answers."""
    nodes = sharing(3)
    seen = asked(RoundRobin(nodes), nodes)
    assert seen.found == seen.looks == 27
    assert not (seen.never)
    assert not (seen.stays)
    assert not (seen.moved)


def test_redirects_do_not_keep_a_balancer_in_step() -> None:
    """Where a lost session costs two requests, two nodes in turn would go on answering with the same one."""
    nodes = shops(2)
    inner = RoundRobin(nodes)

    def to_login(call: Call) -> Reply:
        reply = inner(call)
        lost = call.method == "GET" and call.path == "/cart" and "<li>" not in reply.body
        return Reply(302, headers=(("Location", "/login"),)) if lost else reply

    seen = asked(to_login, nodes)
    assert seen.found
    assert seen.moved


def test_a_session_that_its_node_forgets_meanwhile_says_nothing() -> None:
    """What the site did with it ended it."""
    nodes = sharing(2)

    def ending(call: Call) -> Reply:
        nodes[0].sessions.clear()
        return RoundRobin(nodes)(call)

    seen = asked(ending, nodes)
    assert [one.after for one in seen.shown] == ["lost", "lost"]
    assert seen.sound == ()
    assert not seen.never


@pytest.mark.parametrize(
    "known",
    [KEPT, {Visits: visits(trace("- -", "kl")), Replay: replay("lll lll lll")}],
    ids=["nothing was lost", "nodes do not keep their own"],
)
def test_nobody_is_asked_where_it_tells_nothing(known: dict[type[object], object]) -> None:
    """Healthy sites do not pay for it."""
    nodes = shops(2)
    assert asked(RoundRobin(nodes), nodes, known) == EntryReplay()


def test_a_site_that_lets_nobody_in_is_asked() -> None:
    """Where the flow is refused, no state was seen to be lost; nodes tell that it could be there."""
    nodes = shops(2)
    known = {Visits: visits(trace("- -", "??")), Replay: replay()}
    assert asked(RoundRobin(nodes), nodes, known).looks


def test_the_plan_announces_the_most_requests() -> None:
    """To the entry and to each node; without node URLs the hint says what to add."""
    nodes = tuple(Node(f"app{number}", f"http://app{number}.test/") for number in (1, 2))
    (planned,) = entry_replay.plan(Topology(Site("https://shop.test/", flow=FLOW), nodes=nodes), Options())
    assert isinstance(planned, Probe)
    assert planned.contacts == {"shop.test:443": 6 + 2 * 20, "shop.test:80": 46, "app1.test:80": 4, "app2.test:80": 4}
    (absent,) = entry_replay.plan(bare("https://shop.test/"), Options())
    assert isinstance(absent, Absent)
    assert "nodes" in absent.hint
