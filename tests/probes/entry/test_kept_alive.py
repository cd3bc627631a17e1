from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack, asynccontextmanager
from itertools import cycle
from typing import TYPE_CHECKING

from sessiondoctor.context import Context, Options
from sessiondoctor.evidence.entry.visits import Visits
from sessiondoctor.probes.contract import Probe
from sessiondoctor.probes.entry.visits import plan
from sessiondoctor.redact import Redactor
from sessiondoctor.topology.model import Site, Store, Topology
from tests.fakes.cluster import FLOW, Cluster, RoundRobin, Shop, shops
from tests.fakes.serving import serve, wire

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterable


@asynccontextmanager
async def layer_4(ports: Iterable[int]) -> AsyncIterator[str]:
    """A balancer that hands each connection to the next port and copies bytes; its URL."""
    turn, links = cycle(ports), set[asyncio.Task[None]]()

    async def link(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        to, out = await asyncio.open_connection("127.0.0.1", next(turn))
        await asyncio.gather(copy(reader, out), copy(to, writer))

    def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        links.add(asyncio.create_task(link(reader, writer)))

    server = await asyncio.start_server(accept, "127.0.0.1", 0)
    try:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/"
    finally:
        server.close()
        await asyncio.gather(*links, return_exceptions=True)


async def copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Until the end, which is passed on."""
    try:
        while data := await reader.read(65536):
            writer.write(data)
    except OSError:
        pass
    finally:
        writer.close()


async def _through_layer_4(nodes: list[Shop], per_connection: int) -> Visits:
    cluster = Cluster(RoundRobin(nodes), nodes)
    async with AsyncExitStack() as stack:
        ports = []
        for node in nodes:
            server = await stack.enter_async_context(
                serve(cluster._answers(node, node.name), per_connection=per_connection)
            )
            ports.append(server.port)
        url = await stack.enter_async_context(layer_4(ports))
        topology = Topology(Site(url, flow=FLOW))
        client = await stack.enter_async_context(wire())
        (probe,) = plan(topology, Options())
        assert isinstance(probe, Probe)
        seen = await probe.ask(Context(topology, Options(), client, Redactor(), _nothing))
    assert isinstance(seen, Visits)
    return seen


async def _nothing(_: type[object]) -> object:
    raise AssertionError


def test_a_balancer_of_connections_keeps_who_keeps_the_connection() -> None:
    """And nobody else."""
    visits = asyncio.run(_through_layer_4(shops(3), 1000))
    assert visits.kept_alive
    assert (len(visits.kept_alive.nodes), visits.kept_alive.moved, visits.kept_alive.lost) == (5, False, False)
    assert visits.moves > 5


def test_a_server_that_closes_after_each_answer_leaves_nothing_to_compare() -> None:
    """New connections were tried by all others."""
    visits = asyncio.run(_through_layer_4(shops(3), 1))
    assert visits.kept_alive is None


def test_a_balancer_of_requests_moves_also_on_one_connection() -> None:
    """Five requests, of which other clients' come between."""
    nodes = shops(3)
    visits = Cluster(RoundRobin(nodes), nodes).visits()
    assert visits.kept_alive
    assert visits.kept_alive.moved


def test_nobody_keeps_a_connection_where_nothing_binds() -> None:
    """With a shared store no balancer needs to bind."""
    nodes = shops(3, sessions={})
    topology = {"stores": (Store("sessions", "redis"),)}
    assert Cluster(RoundRobin(nodes), nodes, topology=topology).visits().kept_alive is None
