from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from sessiondoctor.context import Options
from sessiondoctor.errors import Unavailable
from sessiondoctor.probes.contract import Absent, Probe
from sessiondoctor.probes.flows import growth
from sessiondoctor.topology.model import Site, Topology, bare
from sessiondoctor.topology.steps import Flow
from tests.fakes.cluster import Call, Reply
from tests.fakes.counter_site import GROW, READ, WRITE, Racer, Run, in_turns, racers

if TYPE_CHECKING:
    from sessiondoctor.evidence.flows.growth import Growth

FLOW = Flow(write=WRITE, read=READ, grow=GROW)
KIB = 1024


def grown(nodes: list[Racer], entry: Any = None, **settings: Any) -> Growth:
    """What is seen of these nodes behind a balancer that takes turns."""
    found: Growth = Run(entry or in_turns(nodes), nodes, FLOW, **settings).of(growth.plan)
    return found


def test_a_session_that_bears_all_sizes() -> None:
    """Up to 64 KiB, as long as the user says no more; nothing is tried again."""
    found = grown(racers())
    assert [size_step.size // KIB for size_step in found.size_steps] == [1, 4, 8, 16, 32, 64]
    assert all(size_step.lives for size_step in found.size_steps)
    assert (found.failed, found.again, found.direct) == (None, None, None)
    assert found.lives_at == found.largest == 64 * KIB


def test_more_consent_is_larger_sessions() -> None:
    """Beyond the item of a memcached."""
    found = grown(racers(), options=Options(allow="interact"))
    assert [size_step.size // KIB for size_step in found.size_steps][-3:] == [256, 1025, 1536]


def test_a_store_that_drops_what_is_too_large() -> None:
    """The whole session is gone; a second one and a node by itself have the same fate."""
    found = grown(racers(limit=10 * KIB))
    assert found.failed
    assert (found.failed.size, found.failed.grew, found.failed.state) == (16 * KIB, True, "lost")
    assert found.lives_at == 8 * KIB
    assert found.direct
    assert (found.node, found.direct.state) == ("app1", "lost")


def test_an_application_that_refuses_what_is_too_large() -> None:
    """What was in the session before stays."""
    found = grown(racers(limit=10 * KIB, beyond="500"))
    assert found.failed
    assert (found.failed.grew, found.failed.status, found.failed.state) == (False, 500, "kept")
    assert found.failed.trouble == "POST /blob: status 500"


def test_a_cookie_that_a_browser_refuses() -> None:
    """Its size is told; directly, without a browser's rules, the session lives."""
    found = grown(racers(limit=2 * KIB, beyond="cookie"))
    assert found.failed
    assert found.failed.refused == "blob"
    assert found.failed.cookie_bytes == 4 * KIB + 4
    assert found.failed.state == "kept"


def test_a_proxy_that_refuses_what_a_node_bears() -> None:
    """The node says so."""
    nodes = racers()
    balance = in_turns(nodes)

    refusals: list[str] = []

    async def proxy(call: Call) -> Reply:
        large = call.path == "/blob" and int(call.body.partition("=")[2]) > 4 * KIB
        refusals.extend([call.path] if large else [])
        return Reply(502, "too big header") if large else await balance(call)

    found = grown(nodes, proxy)
    assert found.failed
    assert (found.failed.size, found.failed.status, found.failed.state) == (8 * KIB, 502, "kept")
    assert found.direct
    assert found.direct.lives
    assert len(refusals) == 2


def test_a_large_cookie_is_explanation_enough() -> None:
    """The balancer is asked once only: it may take a node out for each such answer."""
    nodes = racers(limit=2 * KIB, beyond="cookie")
    balance = in_turns(nodes)
    refusals: list[str] = []

    async def proxy(call: Call) -> Reply:
        reply = await balance(call)
        large = any(len(value) > 4 * KIB for _, value in reply.headers)
        refusals.extend([call.path] if large else [])
        return Reply(502, "too big header") if large else reply

    found = grown(nodes, proxy)
    assert found.failed
    assert (found.failed.status, found.again, len(refusals)) == (502, None, 1)
    assert found.direct
    assert (found.direct.lives, found.direct.cookie_bytes) == (True, 4 * KIB + 4)


def test_what_happens_only_once_is_no_limit() -> None:
    """A second session of that size lives."""
    nodes = racers()
    balance = in_turns(nodes)
    seen: list[str] = []

    async def forgets_once(call: Call) -> Reply:
        if call.path == "/blob" and call.body == "size=8192" and not seen:
            seen.append(call.body)
            nodes[0].sessions.clear()
        return await balance(call)

    found = grown(nodes, forgets_once)
    assert found.again
    assert found.again.lives
    assert found.failed is None


def test_sessions_that_do_not_live_anyway_are_not_grown() -> None:
    """Then size cannot be what ends them."""
    nodes = [Racer("app1"), Racer("app2")]
    with pytest.raises(Unavailable, match="even a small session is not kept"):
        grown(nodes)


def test_without_nodes_only_the_site_is_asked() -> None:
    """There is nobody to compare with."""
    found = grown([], racers(1, limit=10 * KIB)[0])
    assert found.failed
    assert found.direct is None


@pytest.mark.parametrize("flow", [Flow(), Flow(grow=GROW), Flow(write=WRITE, read=READ)])
def test_nothing_is_planned_without_a_flow(flow: Flow) -> None:
    """The hint says what to declare."""
    (absent,) = growth.plan(Topology(Site("http://shop.test/", flow=flow)), Options())
    assert isinstance(absent, Absent)
    assert "site.flow.grow" in absent.hint


def test_what_needs_more_consent_is_said() -> None:
    """With the option that gives it; who has given it is told nothing."""
    topology = Topology(Site("http://shop.test/", flow=FLOW))
    probe, absent = growth.plan(topology, Options())
    assert isinstance(probe, Probe)
    assert isinstance(absent, Absent)
    assert "--allow interact" in absent.hint
    for level in ("interact", "disrupt"):
        (more,) = growth.plan(topology, Options(allow=level))
        assert isinstance(more, Probe)
        assert "1536 KiB" in more.describe


def test_a_bare_url_is_not_grown() -> None:
    """Nothing is declared."""
    assert all(isinstance(entry, Absent) for entry in growth.plan(bare("http://shop.test/"), Options()))
