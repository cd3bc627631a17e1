"""The site's name, as resolvers and this machine have it."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack
from typing import TYPE_CHECKING

import dns.asyncresolver
import dns.flags
import dns.message
import dns.rcode
import dns.resolver
import dns.rrset
import pytest

from sessiondoctor.context import Options
from sessiondoctor.evidence.network.names import Answer
from sessiondoctor.probes.contract import Absent, Probe
from sessiondoctor.probes.network import names
from sessiondoctor.probes.network.names import plan, resolve, site_lookup
from sessiondoctor.topology.model import Dns, Site
from sessiondoctor.wire.address import is_ip
from sessiondoctor.wire.failure import unknown_name
from sessiondoctor.wire.peers import addresses
from tests.fakes.peers import context, topology, udp

if TYPE_CHECKING:
    from collections.abc import Callable

    from sessiondoctor.evidence.network.names import Names

ZONE = """\
shop.test. 60 IN CNAME edge.cdn.test.
edge.cdn.test. 30 IN A 192.0.2.7
edge.cdn.test. 30 IN A 192.0.2.5
edge.cdn.test. 45 IN AAAA 2001:db8::5
four.test. 300 IN A 192.0.2.4
"""


SYSTEM = Answer("system", ("192.0.2.99",), ("2001:db8::99",))


@pytest.fixture(autouse=True)
def _alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """A system without resolvers that knows every name, so that nothing leaves this machine."""
    configured = dns.asyncresolver.Resolver

    def resolver(*, configure: bool = True) -> dns.asyncresolver.Resolver:
        if configure:
            raise dns.resolver.NoResolverConfiguration
        return configured(configure=False)

    async def known(host: str, port: int, place: str) -> tuple[str, ...]:
        return await addresses(host, port, place) if is_ip(host) else ("2001:db8::99", "192.0.2.99")

    monkeypatch.setattr(dns.asyncresolver, "Resolver", resolver)
    monkeypatch.setattr(names, "addresses", known)


def resolver(packet: bytes) -> bytes:
    """A resolver that knows `ZONE`."""
    query = dns.message.from_wire(packet)
    response = dns.message.make_response(query)
    response.flags |= dns.flags.RA
    question = query.question[0]
    if question.name.to_text() not in ZONE:
        response.set_rcode(dns.rcode.NXDOMAIN)
    name = question.name.to_text()
    for _ in range(2):
        records = [line.split() for line in ZONE.splitlines() if line.split()[0] == name]
        alias = next((parts for parts in records if parts[3] == "CNAME"), None)
        kind = "CNAME" if alias else question.rdtype.name
        fitting = [parts for parts in records if parts[3] == kind]
        if fitting:
            texts = [parts[4] for parts in fitting]
            response.answer.append(dns.rrset.from_text(name, int(fitting[0][1]), "IN", kind, *texts))
        name = alias[4] if alias else "."
    return response.to_wire()


def failing(rcode: dns.rcode.Rcode) -> Callable[[bytes], bytes]:
    """A resolver that answers everything with an error."""

    def answer(packet: bytes) -> bytes:
        response = dns.message.make_response(dns.message.from_wire(packet))
        response.set_rcode(rcode)
        return response.to_wire()

    return answer


def answers(host: str, *resolvers: Callable[[bytes], bytes]) -> tuple[Answer, ...]:
    """What these resolvers say, after the system's answer."""

    async def run() -> Names:
        async with AsyncExitStack() as stack:
            ports = [await stack.enter_async_context(udp(one)) for one in resolvers]
            of = topology(dns=Dns(resolvers=tuple(f"127.0.0.1:{port}" for port in ports)))
            return await resolve(host, context(of))

    found = asyncio.run(run())
    assert found.name == host
    assert found.answers[0] == SYSTEM
    return found.answers[1:]


def test_addresses_with_canonical_name_and_time_to_live() -> None:
    """Both kinds of address, sorted, the alias followed, the shortest time to live."""
    (found,) = answers("shop.test", resolver)
    assert found.ipv4 == ("192.0.2.5", "192.0.2.7")
    assert found.ipv6 == ("2001:db8::5",)
    assert found.canonical == "edge.cdn.test"
    assert found.ttl_s is not None
    assert 0 < found.ttl_s <= 60
    assert not found.trouble


def test_a_name_without_ipv6() -> None:
    """No record of one kind is no trouble."""
    (found,) = answers("four.test", resolver)
    assert (found.ipv4, found.ipv6, found.canonical, found.trouble) == (("192.0.2.4",), (), "", "")


def test_each_resolver_speaks_for_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    """No such name, an error, a refusal, silence and nonsense: each is said of the resolver it came from."""
    monkeypatch.setattr(names, "_PATIENCE_S", 1.0)
    found = answers(
        "nowhere.test",
        resolver,
        failing(dns.rcode.SERVFAIL),
        failing(dns.rcode.REFUSED),
        lambda _: b"",
        lambda packet: packet[:2] + b"\x81\x80nonsense",
    )
    assert [one.trouble for one in found] == [
        "there is no such name (NXDOMAIN)",
        "the resolver answers SERVFAIL",
        "the resolver answers REFUSED",
        "no answer in time",
        found[4].trouble,
    ]
    assert found[4].trouble
    assert not any(one.ipv4 or one.ipv6 for one in found)


@pytest.mark.parametrize("host", ["localhost", "shop.internal"])
def test_the_systems_own_names(host: str) -> None:
    """Names of the hosts file are known to the system only, without a time to live."""
    assert asyncio.run(resolve(host, context(topology()))).answers == (SYSTEM,)


def test_a_name_that_nobody_knows(monkeypatch: pytest.MonkeyPatch) -> None:
    """The system's own trouble is said."""

    async def unknown(_host: str, _port: int, place: str) -> tuple[str, ...]:
        raise unknown_name(place, "it is gone")

    monkeypatch.setattr(names, "addresses", unknown)
    (answer,) = asyncio.run(resolve("localhost", context(topology()))).answers
    assert answer == Answer("system", (), (), trouble="localhost: the name was not found: it is gone")


def test_the_sites_own_hosts_are_asked_of_the_resolvers(monkeypatch: pytest.MonkeyPatch) -> None:
    """Once each, the second resolver where the first does not know; other hosts, and unknown ones, of the system."""
    asked: list[bytes] = []

    def counting(packet: bytes) -> bytes:
        asked.append(packet)
        return resolver(packet)

    async def of_the_system(host: str, _port: int) -> tuple[str, ...]:
        return (f"system:{host}",)

    async def run() -> list[tuple[str, ...]]:
        async with udp(failing(dns.rcode.NXDOMAIN)) as first, udp(counting) as second:
            resolvers = Dns(resolvers=(f"127.0.0.1:{first}", f"127.0.0.1:{second}"))
            lookup = site_lookup(topology(site=Site("http://four.test/", urls=("http://none.test/",)), dns=resolvers))
            assert lookup
            return [await lookup(host, 80) for host in ("four.test", "four.test", "none.test", "app1.test")]

    monkeypatch.setattr(names, "system_lookup", of_the_system)
    assert asyncio.run(run()) == [("192.0.2.4",), ("192.0.2.4",), ("system:none.test",), ("system:app1.test",)]
    assert len(asked) == 4
    assert site_lookup(topology(site=Site("http://four.test/"))) is None


def test_the_plan() -> None:
    """The declared name, else the site's; resolvers are contacted; an IP address is no name."""
    (probe,) = plan(topology(site=Site("https://Shop.Example:8443/x"), dns=Dns(resolvers=("10.0.0.53:53",))), Options())
    assert isinstance(probe, Probe)
    assert "shop.example" in probe.describe
    assert set(probe.contacts) == {"10.0.0.53:53"}
    (probe,) = plan(topology(dns=Dns(name="shop.example")), Options())
    assert isinstance(probe, Probe)
    assert "shop.example" in probe.describe
    for url in ("http://10.0.0.1/", "http://[::1]:8080/"):
        (absent,) = plan(topology(site=Site(url)), Options())
        assert isinstance(absent, Absent)
        assert absent.reason == "the site's URL contains an IP address"
