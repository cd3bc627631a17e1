from __future__ import annotations

import asyncio
from collections import Counter
from contextlib import AsyncExitStack
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import pytest

from sessiondoctor.context import Context, Options
from sessiondoctor.evidence.entry.visits import Visits
from sessiondoctor.probes.balancers.counters import grown
from sessiondoctor.probes.contract import Probe
from sessiondoctor.probes.entry.visits import plan
from sessiondoctor.redact import Redactor
from sessiondoctor.topology.model import Balancer, Node, Site, Topology
from sessiondoctor.topology.secret import Secret
from tests.fakes.cluster import FLOW, UNNAMED, Call, Reply, RoundRobin, Shop, _bytes, _call, shops
from tests.fakes.serving import serve, wire

if TYPE_CHECKING:
    from sessiondoctor.topology.steps import Flow

A, B = ("app", "srv1"), ("app", "srv2")


@pytest.mark.parametrize(
    ("before", "after", "requests", "server"),
    [
        ({A: 5, B: 5}, {A: 6, B: 5}, 1, A),
        ({A: 5, B: 5}, {A: 5, B: 7}, 2, B),
        ({A: 5, B: 5}, {A: 6, B: 6}, 1, None),  # somebody else was there
        ({A: 5, B: 5}, {A: 7, B: 5}, 1, None),
        ({A: 5, B: 5}, {A: 5, B: 5}, 1, None),
        ({A: 5, B: 5}, {A: 1, B: 0}, 1, None),  # it was restarted
        ({A: 5}, {A: 5, B: 1}, 1, B),
    ],
)
def test_the_one_that_grew(
    before: dict[tuple[str, str], int],
    after: dict[tuple[str, str], int],
    requests: int,
    server: tuple[str, str] | None,
) -> None:
    """By exactly the number of requests, and nobody else."""
    assert grown(before, after, requests) == server


@dataclass(slots=True)
class Haproxy:
    """Takes turns among nodes that do not say who they are, and counts; others' requests come in as `busy` says."""

    nodes: list[Shop]
    marked: bool = False
    busy: bool = False
    broken_after: int = 1000
    readings: int = 0
    counts: Counter[str] = field(default_factory=Counter)
    balancer: RoundRobin = field(init=False)

    def __post_init__(self) -> None:
        self.balancer = RoundRobin(self.nodes)

    def page(self, raw: bytes) -> bytes:
        """A visit."""
        return _bytes(self._answer(_call(raw)))

    def _answer(self, call: Call) -> Reply:
        reply = self.balancer(call)
        name = dict(reply.headers)["X-Node"]
        self.counts[name] += 1
        if self.busy:
            self.counts.update(node.name for node in self.nodes)
        return reply if self.marked else replace(reply, headers=tuple(h for h in reply.headers if h[0] != "X-Node"))

    def stats(self, _: bytes) -> bytes:
        """The counters as CSV."""
        self.readings += 1
        if self.readings > self.broken_after:
            return _bytes(Reply(503))
        rows = [f"shop,srv{n},{self.counts[node.name]},127.0.0.1:{n}" for n, node in enumerate(self.nodes, 1)]
        return _bytes(Reply(body="\n".join(["# pxname,svname,stot,addr", *rows, ""])))


async def _visited(haproxy: Haproxy, flow: Flow) -> Visits:
    async with AsyncExitStack() as stack:
        site = await stack.enter_async_context(serve(haproxy.page))
        stats = await stack.enter_async_context(serve(haproxy.stats))
        edge = Balancer("edge", "haproxy", stats=Secret(f"{stats.url}stats"))
        nodes = tuple(Node(f"app{n}", f"http://127.0.0.1:{n}/") for n in range(1, len(haproxy.nodes) + 1))
        topology = Topology(Site(site.url, flow=flow), load_balancers=(edge,), nodes=nodes)
        client = await stack.enter_async_context(wire())
        (probe,) = plan(topology, Options())
        assert isinstance(probe, Probe)
        seen = await probe.ask(Context(topology, Options(), client, Redactor(), _nothing))
        assert haproxy.readings <= probe.contacts.get(f"127.0.0.1:{stats.port}", 0)
    assert isinstance(seen, Visits)
    return seen


async def _nothing(_: type[object]) -> object:
    raise AssertionError


def visited(haproxy: Haproxy, flow: Flow = UNNAMED) -> Visits:
    """The evidence of a site behind it."""
    return asyncio.run(_visited(haproxy, flow))


def test_the_counters_name_the_nodes_of_the_lone_client() -> None:
    """By the address of the server; of those that visit together nobody is named."""
    visits = visited(haproxy := Haproxy(shops(3)))
    first, *others = visits.returning
    assert first.nodes == ("app2", "app3", "app1", "app2", "app1", "app2", "app3", "app1")
    assert {exchange.named_by for exchange in first.exchanges} == {"stats"}
    assert {exchange.node for trace in others for exchange in trace.exchanges} == {""}
    assert [exchange.node for exchange in visits.fresh].count("") == len(visits.fresh) - 1
    assert haproxy.readings == 10
    assert visits.odds["none"] > 0.9
    assert first.lost


def test_nobody_is_named_while_others_use_the_site() -> None:
    """Two counters grew: which request was ours?"""
    assert visited(Haproxy(shops(3), busy=True)).nodes == ()


def test_statistics_that_end_leave_the_rest_unnamed() -> None:
    """And are asked no more."""
    haproxy = Haproxy(shops(3), broken_after=4)
    first = visited(haproxy).returning[0]
    assert [bool(exchange.node) for exchange in first.exchanges] == [True] * 3 + [False] * 5
    assert haproxy.readings == 5


@pytest.mark.parametrize(("flow", "readings"), [(FLOW, 0), (UNNAMED, 2)])
def test_what_responses_say_comes_first(flow: Flow, readings: int) -> None:
    """A declared marker, or a header that names a declared node: the counters are not needed."""
    haproxy = Haproxy(shops(3), marked=True)
    exchanges = [exchange for trace in visited(haproxy, flow).returning for exchange in trace.exchanges]
    assert {exchange.named_by for exchange in exchanges} <= {"marker", "headers"}
    assert haproxy.readings == readings
