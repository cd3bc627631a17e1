from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest

from sessiondoctor.context import Consent, Context, Options
from sessiondoctor.errors import Unavailable
from sessiondoctor.probes.contract import Absent, Probe
from sessiondoctor.probes.sockets import sockets
from sessiondoctor.redact import Redactor
from sessiondoctor.topology.model import Node, Site, Topology, bare
from sessiondoctor.topology.steps import Flow, Socket
from sessiondoctor.wire.client import Wire
from sessiondoctor.wire.message import Limits
from sessiondoctor.wire.pace import Pace
from tests.fakes.socket_site import Balancer, served
from tests.fakes.socket_site import Node as FakeNode

if TYPE_CHECKING:
    from sessiondoctor.evidence.sockets.sockets import Sockets

PATHS = {"socketio": "/socket.io/", "signalr": "/chathub", "mcp": "/mcp"}


def nodes(count: int = 2) -> list[FakeNode]:
    """Processes that share nothing."""
    return [FakeNode(f"app{number}") for number in range(1, count + 1)]


def look(site: Any, path: str, *, allow: Consent = "observe", direct: Any = None, **serving: Any) -> Sockets:
    """What is seen at an endpoint of a site; `direct` is a node that can be asked past it."""

    async def ask() -> Sockets:
        async with served(site, **serving) as url, served(direct or site) as node_url:
            known = (Node("app1", url=node_url),) if direct else ()
            topology = Topology(Site(url, flow=Flow(websocket=Socket(path))), nodes=known)
            options = Options(allow=allow, deadline_s=8.0)
            (probe,) = sockets.plan(topology, options)
            assert isinstance(probe, Probe)
            pace, redactor = Pace(0, at_once=2), Redactor()
            ends = asyncio.get_running_loop().time() + options.deadline_s
            async with Wire(limits=Limits(connect_s=2.0, total_s=2.0), pace=pace) as wire:
                evidence: Sockets = await probe.ask(Context(topology, options, wire, redactor, _nothing, ends=ends))
            assert {place: sent for place, sent in pace.sent.items() if sent > probe.contacts.get(place, 0)} == {}
            assert "-secret" not in redactor.scrub(repr(evidence))
            return evidence

    return asyncio.run(ask())


async def _nothing(_: type[Any]) -> Any:
    raise AssertionError("this probe needs no other evidence")


@pytest.mark.parametrize(("kind", "path"), PATHS.items())
def test_nodes_that_share_nothing_behind_turns(kind: str, path: str) -> None:
    """The second request of a connection meets a node that does not know it."""
    seen = look(Balancer(nodes()), path)
    assert seen.kind == kind
    assert all(one.opened and one.has_id for one in seen.tries)
    assert {one.client for one in seen.tries if one.is_lost} == {"browser", "bare"}
    assert seen.tries[0].is_lost
    assert seen.tries[0].later[-1].status in {400, 404}
    assert "unknown" in seen.tries[0].said or "No Connection" in seen.tries[0].said or "not found" in seen.tries[0].said


@pytest.mark.parametrize("path", PATHS.values())
def test_affinity_by_cookie_keeps_browsers(path: str) -> None:
    """And not those who send no cookies."""
    seen = look(Balancer(nodes(), sticky=True), path)
    browsers = [one for one in seen.tries if one.client == "browser"]
    assert len(browsers) == 4
    assert not any(one.is_lost for one in browsers)
    assert all(len(one.later) >= 2 and one.later[0].state == "known" for one in browsers)
    assert [one for one in seen.tries if one.client == "bare" and one.is_lost]


@pytest.mark.parametrize("path", PATHS.values())
def test_one_node_knows_all(path: str) -> None:
    """Healthy."""
    seen = look(Balancer(nodes(1)), path)
    assert not any(one.is_lost for one in seen.tries)
    assert len(seen.tries) == 7


def test_a_preflight_meets_another_node() -> None:
    """OPTIONS carries no cookies."""
    assert look(Balancer(nodes(), sticky=True), "/socket.io/").preflight == "lost"
    assert look(Balancer(nodes(1)), "/socket.io/").preflight == "known"


def test_handshakes_through_the_site_and_on_a_node() -> None:
    """The proxy does not pass the upgrade on; the node accepts it."""
    seen = look(Balancer(nodes()), "/ws", upgrades=False, direct=FakeNode("app1"))
    assert [(one.place, one.status, one.accepted) for one in seen.upgrades] == [
        ("site", 400, False),
        ("site", 400, False),
        ("app1", 101, True),
    ]
    assert seen.upgrades[0].said == "Bad Request: upgrade required"
    assert (seen.tries, seen.kind) == ((), "websocket")


def test_idle_connections_that_are_cut() -> None:
    """Both at one age, without a closing frame; the ping was answered before."""
    seen = look(Balancer(nodes(1)), "/ws", allow="interact", cut_after_s=2.2)
    assert len(seen.ends) == 2
    assert all(end.ended and end.code == 1006 and 2.0 < end.quiet_s < 4.0 for end in seen.ends)


def test_idle_connections_that_stay() -> None:
    """The scan ends before they do, and says how long they were held."""
    seen = look(Balancer(nodes(1)), "/ws", allow="interact")
    assert [end.ended for end in seen.ends] == [False, False]
    assert all(2.0 < end.seconds < 6.0 for end in seen.ends)


def test_without_consent_nothing_is_held() -> None:
    """Holding takes long."""
    assert look(Balancer(nodes(1)), "/ws", cut_after_s=1.0).ends == ()


def test_a_path_that_is_none() -> None:
    """Nothing could be opened; it is no evidence of a loss."""
    seen = look(Balancer(nodes()), "/nothing/socket.io/")
    assert not any(one.opened for one in seen.tries)
    assert {one.trouble for one in seen.tries} == {"it answered 200 to the opening"}


def test_nobody_is_asked_without_an_endpoint() -> None:
    """And the reader is told what to declare."""
    (absent,) = sockets.plan(bare("http://127.0.0.1:1/"), Options())
    assert isinstance(absent, Absent)
    assert "site.flow.websocket" in absent.hint


def test_a_site_that_does_not_answer_is_no_evidence() -> None:
    """Could not look."""
    topology = Topology(Site("http://127.0.0.1:1/", flow=Flow(websocket=Socket("/socket.io/"))))
    (probe,) = sockets.plan(topology, Options())
    assert isinstance(probe, Probe)

    async def ask() -> Any:
        async with Wire(limits=Limits(connect_s=1.0, total_s=1.0), pace=Pace(0)) as wire:
            return await probe.ask(Context(topology, Options(), wire, Redactor(), _nothing))

    with pytest.raises(Unavailable):
        asyncio.run(ask())


@pytest.mark.parametrize(
    ("path", "kind"),
    [("/socket.io/", "socketio"), ("/chatHub", "signalr"), ("/mcp", "mcp"), ("/events", "sse"), ("/ws", "websocket")],
)
def test_kinds_by_their_paths(path: str, kind: str) -> None:
    """As libraries call them; what is declared comes first."""
    assert Socket(path).spoken == kind
    assert Socket(path, "sse").spoken == "sse"
