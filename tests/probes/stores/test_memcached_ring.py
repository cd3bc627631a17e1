"""Which server of a ring a node writes to is seen, whatever its key looks like."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest

from sessiondoctor.context import Options
from sessiondoctor.probes.contract import Absent, Probe
from sessiondoctor.probes.stores.memcached_ring import plan
from sessiondoctor.topology.model import Node, Site, Topology
from sessiondoctor.topology.steps import Flow, Step
from tests.fakes.memcacheds import FakeMemcached, memcached, memcached_store
from tests.fakes.peers import context, topology
from tests.fakes.serving import serve

if TYPE_CHECKING:
    from collections.abc import Callable

    from sessiondoctor.evidence.stores.memcached_ring import Ring

FLOW = Flow(write=(Step("/cart", "POST", form={"item": "{marker}"}),), read=(Step("/cart", expect="{marker}"),))
COOKIE = re.compile(rb"PHPSESSID=([0-9a-f]+)")


@dataclass(slots=True)
class App:
    """A node that maps the number of an id to a server of its list; `strict` begins anew what it does not find."""

    name: str
    servers: Sequence[FakeMemcached]
    prefix: bytes = b"memc.sess.key."
    strict: bool = False
    made: int = 0

    def __call__(self, request: bytes) -> bytes:
        """Writes at every request."""
        told = COOKIE.search(request)
        sid = told[1] if told else self._new()
        if self.strict and self.prefix + sid not in self._server(sid).items:
            sid = self._new()
        self._server(sid).store(self.prefix + sid)
        cookie = b"" if told and told[1] == sid else b"Set-Cookie: PHPSESSID=%b; path=/\r\n" % sid
        return b"HTTP/1.1 200 OK\r\n%bContent-Length: 0\r\n\r\n" % cookie

    def _server(self, sid: bytes) -> FakeMemcached:
        return self.servers[int(sid, 16) % len(self.servers)]

    def _new(self) -> bytes:
        self.made += 1
        return self.name.encode().hex().encode() + b"%018d" % self.made


def site(nodes: Sequence[Node], *urls: str) -> Topology:
    """A site with a ring."""
    return topology(site=Site("http://127.0.0.1:9/", flow=FLOW), nodes=tuple(nodes), stores=(memcached_store(*urls),))


def seen(lists: Callable[[Sequence[FakeMemcached]], Sequence[Sequence[FakeMemcached]]], **app: Any) -> Ring:
    """What is seen of nodes that have these lists of three servers."""

    async def run() -> Ring:
        async with AsyncExitStack() as stack:
            servers = [await stack.enter_async_context(memcached(FakeMemcached())) for _ in range(3)]
            apps = [App(f"app{n}", some, **app) for n, some in enumerate(lists(servers), start=1)]
            peers = [await stack.enter_async_context(serve(one)) for one in apps]
            nodes = [Node(one.name, url=peer.url) for one, peer in zip(apps, peers, strict=True)]
            given = context(site(nodes, *(server.url for server in servers)))
            (probe,) = plan(given.topology, Options())
            assert isinstance(probe, Probe)
            async with given.wire:
                ring: Ring = await probe.ask(given)
            asked = sum(len(server.asked) for server in servers)
            assert asked <= sum(probe.contacts[server.place] for server in servers)
            return ring

    return asyncio.run(run())


def outcomes(ring: Ring) -> dict[str, set[str]]:
    """What came of writes on each second node."""
    return {
        node: {one.outcome for one in ring.tries if one.written_on == node}
        for node in sorted({one.written_on for one in ring.tries})
    }


@pytest.mark.parametrize("prefix", [b"memc.sess.key.", b"shop:of:ours:"])
def test_nodes_with_one_list(prefix: bytes) -> None:
    """Every write goes to where the session is, under a known prefix or one that must be searched for."""
    ring = seen(lambda servers: [servers, servers, servers], prefix=prefix)
    assert outcomes(ring) == {"app1": {"same"}, "app2": {"same"}, "app3": {"same"}}
    assert len(ring.tries) == 2 * 6 * 2
    assert len({one.held_by for one in ring.tries}) == 3


def test_a_node_with_another_order() -> None:
    """Its writes go to other servers, and it is told which."""
    ring = seen(lambda servers: [servers, servers, [*servers[1:], servers[0]]])
    assert outcomes(ring) == {"app1": {"same"}, "app2": {"same"}, "app3": {"elsewhere"}}
    assert all(not set(one.written_to) & set(one.held_by) for one in ring.tries if one.outcome == "elsewhere")


def test_a_node_that_begins_anew_what_it_does_not_find() -> None:
    """Some sessions it knows, others not."""
    ring = seen(lambda servers: [servers, servers, servers[:2]], strict=True)
    assert outcomes(ring)["app2"] == {"same"}
    assert outcomes(ring)["app3"] == {"same", "new"}


def test_sessions_that_are_on_no_server() -> None:
    """Nothing can be said, and it is said why."""
    ring = seen(lambda _servers: [[FakeMemcached()], [FakeMemcached()]])
    assert (ring.tries, ring.why_not) == ((), "no session of this scan was found on the servers")


@pytest.mark.parametrize(
    "given",
    [
        site([Node("app1", url="http://a/"), Node("app2", url="http://b/")], "memcached://a:1"),
        site([Node("app1", url="http://a/")], "memcached://a:1", "memcached://b:1"),
        site([Node("app1", url="http://a/"), Node("app2", url="http://b/")]),
    ],
)
def test_what_is_no_ring_or_has_no_second_node(given: Topology) -> None:
    """There is nothing to compare."""
    (entry,) = plan(given, Options())
    assert isinstance(entry, Absent)
    assert entry.hint
