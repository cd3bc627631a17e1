from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from sessiondoctor.context import Options
from sessiondoctor.errors import Unavailable
from sessiondoctor.probes.contract import Absent
from sessiondoctor.probes.flows import updates
from sessiondoctor.topology.model import bare
from sessiondoctor.topology.steps import Flow
from tests.fakes.cluster import Call, Reply
from tests.fakes.counter_site import INCREMENT, LOGIN, Racer, Run, in_turns, racers

if TYPE_CHECKING:
    from sessiondoctor.context import Context
    from sessiondoctor.evidence.flows.updates import Burst, Updates

FLOW = Flow(increment=INCREMENT)


async def _race(context: Context) -> Updates:
    return await updates.race(context, later_s=0.01)


def seen(nodes: list[Racer], flow: Flow = FLOW, entry: Any = None, **settings: Any) -> Updates:
    """What is seen of these nodes behind a balancer that takes turns."""
    found: Updates = Run(entry or in_turns(nodes), nodes, flow, **settings).of(updates.plan, _race)
    return found


def lost(found: Updates) -> dict[str, int | None]:
    """Lost updates by way."""
    return {burst.way: burst.lost for burst in found.bursts}


def at_site(found: Updates) -> Burst:
    """The burst through the public entry."""
    return next(burst for burst in found.bursts if burst.way == "site")


def test_nothing_is_lost_where_sessions_are_locked() -> None:
    """Everywhere; and those at once take as long as one after the other."""
    found = seen(racers(locks=True, works_s=0.03))
    assert lost(found) == {"site": 0, "node": 0, "nodes": 0}
    assert all(burst.parallel == burst.counted == burst.counted_later == 12 for burst in found.bursts)
    assert found.queue
    assert (found.queue.at, found.queue.requests) == ("app1", 12)
    assert found.queue.one_session_s >= 12 * 0.03


def test_the_last_writer_wins_without_a_lock() -> None:
    """One after the other they count; at once some do not, and no pause brings them back."""
    found = seen(racers(works_s=0.05))
    for burst in found.bursts:
        assert burst.steady
        assert (burst.alone, burst.parallel) == (6, 12)
        assert burst.lost
        assert burst.counted == burst.counted_later


def test_a_server_that_does_one_thing_at_a_time_is_no_lock() -> None:
    """Requests of other sessions wait as long."""
    found = seen(racers(1, one_at_a_time=True, works_s=0.03))
    assert lost(found) == {"site": 0, "node": 0}
    assert found.queue
    assert found.queue.own_sessions_s >= 12 * 0.03


def test_sessions_that_are_not_shared_say_nothing_about_races() -> None:
    """Through the site even one increment after the other is lost; on one node the race shows all the same."""
    nodes = [Racer("app1", works_s=0.05), Racer("app2", works_s=0.05)]
    found = seen(nodes)
    assert lost(found)["site"] is None
    assert lost(found)["nodes"] is None
    assert lost(found)["node"]
    assert at_site(found).trouble == "increments are lost even one after the other"
    assert at_site(found).parallel == 0


def test_nodes_that_need_not_share_are_not_asked_in_turn() -> None:
    """With affinity a session lives on one of them."""
    nodes = [Racer("app1", locks=True), Racer("app2", locks=True)]
    assert lost(seen(nodes, entry=nodes[0], site={"mode": "sticky"})) == {"site": 0, "node": 0}


def test_without_nodes_the_site_alone_is_asked() -> None:
    """New clients go there, too."""
    found = seen([], entry=racers(1, locks=True)[0])
    assert lost(found) == {"site": 0}
    assert found.queue
    assert found.queue.at == "site"


def test_a_login_comes_first() -> None:
    """Of each session; nobody logs in more often than that, so that how long they queue is not known."""
    found = seen(racers(needs_login=True, locks=True), Flow(increment=INCREMENT, login=LOGIN))
    assert lost(found) == {"site": 0, "nodes": 0}
    assert found.queue is None


@pytest.mark.parametrize(
    ("settings", "trouble"),
    [
        ({"status": 500}, "POST /count: status 500"),
        ({"needs_login": True}, "POST /count: status 403"),
        ({"answer": "<p>{}</p>"}, r"POST /count: there is no number \(json: /count\)"),
        ({"answer": '{{"count": "many {}"}}'}, "there is no number"),
    ],
)
def test_an_increment_that_does_not_work_is_no_evidence(settings: dict[str, Any], trouble: str) -> None:
    """The hint says what to correct."""
    with pytest.raises(Unavailable, match=trouble) as caught:
        seen(racers(**settings))
    assert "site.flow.increment" in caught.value.hint


def test_a_site_that_does_not_answer_is_told() -> None:
    """The nodes are asked nevertheless."""

    async def dead(_: Call) -> Reply:
        return Reply(0)

    nodes = racers(locks=True)
    found = seen(nodes, entry=dead)
    assert "127.0.0.1" in at_site(found).trouble
    assert lost(found) == {"site": None, "node": 0, "nodes": 0}


def test_a_session_that_is_lost_in_the_burst_is_no_race() -> None:
    """The counter has begun again."""
    (node,) = racers(1, locks=True)

    async def forgets(call: Call) -> Reply:
        if any(session.get("count") == 18 for session in node.sessions.values()):
            node.sessions.clear()
        return await node(call)

    burst = at_site(seen([], entry=forgets))
    assert burst.counted is not None
    assert burst.counted < 0
    assert burst.lost is None


def test_requests_that_fail_are_not_counted_as_lost() -> None:
    """A server that takes only some of them has not lost what it refused."""
    (node,) = racers(1, locks=True)
    refused = iter([False] * 7 + [True] * 4 + [False] * 100)

    async def busy(call: Call) -> Reply:
        return Reply(503, "busy") if call.method == "POST" and next(refused) else await node(call)

    found = seen([], entry=busy)
    burst = at_site(found)
    assert burst.alone == 6
    assert (burst.parallel, burst.lost) == (8, 0)
    assert found.queue is None


def test_nothing_is_planned_without_an_increment() -> None:
    """The hint says what to declare."""
    (absent,) = updates.plan(bare("http://shop.test/"), Options())
    assert isinstance(absent, Absent)
    assert "site.flow.increment" in absent.hint
