from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from sessiondoctor.errors import Unavailable, UsageError
from sessiondoctor.experiments.drill.outages import intents_of, outages_of
from sessiondoctor.experiments.drill.planned import plan_text
from sessiondoctor.topology.model import Balancer, Node, Site, Topology
from sessiondoctor.topology.secret import Secret
from tests.experiments.drill.runtime import Runtime, runtime

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sessiondoctor.evidence.experiments.drill import By

APP1, APP2 = Node("app1", "http://10.0.0.1:3000/"), Node("app2", "http://10.0.0.2:3000/")
STOPPED = Node("app1", "http://10.0.0.1:3000/", drain="drain it", stop="stop it", start="start it")


@pytest.fixture
def api() -> Iterator[Runtime]:
    """HAProxy with three servers."""
    with runtime() as running:
        yield running


def site(*nodes: Node, **balancer: Any) -> Topology:
    """A site behind one HAProxy."""
    edge = (Balancer("edge", "haproxy", **balancer),) if balancer else ()
    return Topology(Site("http://shop.test/"), nodes=nodes, load_balancers=edge)


@pytest.mark.parametrize(
    ("node", "haproxy", "by", "ways"),
    [
        (APP1, True, None, "drain maint"),
        (APP1, True, "maint", "maint"),
        (STOPPED, True, None, "drain stop"),
        (STOPPED, False, None, "drain stop"),
        (STOPPED, False, "stop", "stop"),
        (STOPPED, True, "maint", "maint"),
    ],
)
def test_the_gentlest_way_comes_first(node: Node, haproxy: bool, by: By | None, ways: str) -> None:  # noqa: FBT001
    """A declared command before HAProxy."""
    told = {"runtime": "unix:/run/haproxy.sock"} if haproxy else {}
    (intent,) = intents_of(site(node, APP2, **told), ["app1", "app1"], by)
    assert " ".join(way for way, _ in intent.ways) == ways


@pytest.mark.parametrize(
    ("topology", "names", "says"),
    [
        (site(APP1, APP2), ["app1"], "nothing says how to take it out"),
        (site(STOPPED, APP2), ["app3"], "no such node is declared"),
        (site(STOPPED), ["app1"], "only one is declared"),
        (site(APP1, APP2, stats=Secret("http://10.0.0.5/stats")), ["app1"], "nothing says how"),
    ],
)
def test_what_cannot_be_meant(topology: Topology, names: list[str], says: str) -> None:
    """One line says what to add."""
    with pytest.raises(UsageError, match=says):
        intents_of(topology, names, None)


def test_haproxy_names_its_servers(api: Runtime) -> None:
    """By their addresses; the Unix socket of the statistics would do, too."""
    topology = site(Node("first", "http://10.0.0.1:3000/"), APP2, runtime=api.place)
    (outage,) = outages_of(topology, intents_of(topology, ["first"], None))
    assert outage.servers == ((api.place, "app/app1"),)
    assert [action.text for way in outage.ways for action in way.actions] == [
        "set server app/app1 state drain",
        "set server app/app1 state maint",
    ]
    assert [action.text for action in outage.undo] == ["set server app/app1 state ready"]
    assert api.told == []


def test_a_node_that_must_not_be_taken_out(api: Runtime) -> None:
    """It is out already, or the last."""
    topology = site(APP1, APP2, runtime=api.place)
    intents = intents_of(topology, ["app1"], None)
    api.admin["app1"] = 1
    with pytest.raises(Unavailable, match="app1 is not in service"):
        outages_of(topology, intents)
    api.admin.update(app1=0, app2=1, app3=1)
    with pytest.raises(Unavailable, match="the only server in service"):
        outages_of(topology, intents)
    api.garbage = "Permission denied\n"
    with pytest.raises(Unavailable, match="does not answer"):
        outages_of(topology, intents)


def test_a_plan_names_all_steps() -> None:
    """Nobody is asked."""
    topology = site(STOPPED, APP2)
    text = plan_text(topology, intents_of(topology, ["app1"], None), 6, 20.0)
    steps = ["take app1 out: drain it", "take app1 out: stop it", "put app1 back: start it", "prove it: a new client"]
    assert all(step in text for step in steps)
    assert "nothing was changed" in text
