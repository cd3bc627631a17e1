"""What members of a Hazelcast cluster say of it, and what else may answer on their ports."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack
from typing import TYPE_CHECKING

import pytest

from sessiondoctor.context import Options
from sessiondoctor.errors import Unavailable
from sessiondoctor.evidence.stores.hazelcast_members import HazelcastMember, HazelcastMembers
from sessiondoctor.probes.contract import Absent, Probe
from sessiondoctor.probes.stores.hazelcast_members import plan
from sessiondoctor.topology.model import Store
from sessiondoctor.topology.secret import Secret
from tests.fakes.peers import ask, context, topology
from tests.fakes.serving import CLOSE, serve

if TYPE_CHECKING:
    from sessiondoctor.topology.model import Topology
    from tests.fakes.serving import Answer


def health(size: int) -> bytes:
    """As Hazelcast 5.5.0 answered."""
    body = (
        '{"nodeState":"ACTIVE","clusterState":"ACTIVE","clusterSafe":true,"migrationQueueSize":0,'
        f'"clusterSize":{size}}}'
    )
    return page(body)


def page(body: str, status: str = "200 OK") -> bytes:
    """A response."""
    return f"HTTP/1.1 {status}\r\nContent-Length: {len(body)}\r\n\r\n{body}".encode()


def always(answer: bytes) -> Answer:
    """A server that answers so to everything."""
    return lambda _request: answer


def grid(*urls: str) -> Topology:
    """A site whose sessions are in a Hazelcast with these members."""
    return topology(stores=(Store("grid", "hazelcast", tuple(map(Secret, urls))),))


def said(*answers: bytes) -> tuple[HazelcastMembers, list[int], list[str]]:
    """What is seen of members that answer so, their ports, and the request lines they got."""

    async def run() -> tuple[HazelcastMembers, list[int], list[str]]:
        async with AsyncExitStack() as stack:
            servers = [await stack.enter_async_context(serve(always(answer))) for answer in answers]
            of = grid(*(f"hazelcast://shop:s3cret@127.0.0.1:{server.port}" for server in servers))
            (probe,) = plan(of, Options())
            assert isinstance(probe, Probe)
            found = await asyncio.to_thread(ask, probe, context(of))
            return found, [server.port for server in servers], [line for server in servers for line in server.heads]

    return asyncio.run(run())


def test_each_member_is_asked_once() -> None:
    """Its own count, from the health page; the login in a URL goes nowhere."""
    found, ports, lines = said(health(1), health(2))
    members = tuple(HazelcastMember(f"127.0.0.1:{port}", size) for port, size in zip(ports, (1, 2), strict=True))
    assert found == HazelcastMembers("grid", 2, members)
    assert lines == ["GET /hazelcast/health HTTP/1.1"] * 2


@pytest.mark.parametrize(
    "other", [CLOSE, page("no", "404 Not Found"), page("Hazelcast"), page('{"clusterSize": "2"}'), page("[" * 9999)]
)
def test_what_does_not_count_is_silent(other: bytes) -> None:
    """A member without the page is named, and the others are heard."""
    found, ports, _ = said(health(2), other)
    assert (len(found.members), found.silent) == (1, (f"127.0.0.1:{ports[1]}",))


def test_nobody_answers() -> None:
    """Then there is no evidence, and the hint says how to get some."""
    with pytest.raises(Unavailable) as caught:
        said(CLOSE, page("no", "404 Not Found"))
    assert "HEALTH_CHECK" in caught.value.hint


def test_the_port_of_hazelcast_is_understood() -> None:
    """A URL without a port means 5701; a member named twice is asked once."""
    of = grid("hazelcast://10.0.0.1", "http://10.0.0.1:5701", "https://10.0.0.2/", "hazelcast://[::1],a:5702")
    (probe,) = plan(of, Options())
    assert isinstance(probe, Probe)
    assert probe.contacts == {"10.0.0.1:5701": 1, "10.0.0.2:5701": 1, "[::1]:5701": 1, "a:5702": 1}


def test_without_members() -> None:
    """Nothing is asked where no Hazelcast is declared, or one without a URL."""
    for of in (topology(), grid()):
        (entry,) = plan(of, Options())
        assert isinstance(entry, Absent)
        assert "kind: hazelcast" in entry.hint
