"""DNS: the addresses of the site's name, from each declared resolver and from this machine."""

from __future__ import annotations

import asyncio
from functools import partial
from importlib import import_module
from typing import TYPE_CHECKING

from sessiondoctor.errors import Unavailable, UsageError
from sessiondoctor.evidence.network.names import Answer, Names
from sessiondoctor.formats.cloud_names import operator_of
from sessiondoctor.probes.contract import Absent, Probe
from sessiondoctor.wire.address import host_name, is_ip, is_loopback, split_url
from sessiondoctor.wire.lookup import system_lookup
from sessiondoctor.wire.peers import addresses, split_server

if TYPE_CHECKING:
    from collections.abc import Iterator

    import dns.asyncresolver
    import dns.resolver

    from sessiondoctor.context import Context, Options
    from sessiondoctor.topology.model import Topology
    from sessiondoctor.wire.route import Lookup

SYSTEM = "system"
"""What evidence calls this machine's own way to resolve names."""

_PATIENCE_S = 3.0
_QUERIES = 4  # A and AAAA, each once again if a packet is lost
_MOST_ADDRESSES = 64
_DNS = "dns.asyncresolver"  # it takes 100 ms to import: in a thread, so that the event loop keeps running


def plan(topology: Topology, _options: Options) -> Iterator[Probe | Absent]:
    """One probe for the one name."""
    name = topology.dns.name or split_url(topology.site.url).origin.host
    if is_ip(name):
        yield Absent(
            Names, "site", "the site's URL contains an IP address", "declare dns.name if users reach it by a name"
        )
        return
    contacts = dict.fromkeys(topology.dns.resolvers, _QUERIES * (1 + len(_hosts(topology))))
    askers = ", ".join([*topology.dns.resolvers, "this machine"])
    yield Probe(Names, "site", f"the addresses of {name}, from {askers}", contacts, partial(resolve, name))


def _hosts(topology: Topology) -> frozenset[str]:
    """The site's own host names."""
    hosts = (split_url(url).origin.host for url in (topology.site.url, *topology.site.urls))
    return frozenset(host for host in hosts if not is_ip(host))


def site_lookup(topology: Topology) -> Lookup | None:
    """How the site's own hosts are looked up where resolvers are declared; None if the system does it.

    The resolvers are asked in order, each host once: a browser, too, keeps to what it was told for a while.
    """
    if not topology.dns.resolvers:
        return None
    hosts, known = _hosts(topology), dict[str, tuple[str, ...]]()

    async def lookup(host: str, port: int) -> tuple[str, ...]:
        if host in hosts and host not in known:
            known[host] = await _first_answer(host, topology.dns.resolvers)
        return known.get(host) or await system_lookup(host, port)

    return lookup


async def _first_answer(host: str, servers: tuple[str, ...]) -> tuple[str, ...]:
    for server in servers:
        answer = await _declared(host, server)
        if addresses := (*answer.ipv4, *answer.ipv6):
            return addresses
    return ()


async def resolve(name: str, ctx: Context) -> Names:
    """All answers, failures included.

    Raises:
        Unavailable: no DNS name can be made of it.
    """
    try:
        host = host_name(name).rstrip(".")
    except UsageError as error:
        raise Unavailable(str(error)) from None
    await asyncio.to_thread(import_module, _DNS)
    asked = [_declared(host, server) for server in ctx.topology.dns.resolvers]
    return Names(name, tuple(await asyncio.gather(_system(host), *asked)))


async def _declared(host: str, server: str) -> Answer:
    import dns.asyncresolver

    address, port = split_server(server)
    resolver = dns.asyncresolver.Resolver(configure=False)
    resolver.port = port
    try:
        async with asyncio.timeout(_PATIENCE_S):
            resolver.nameservers = list(await addresses(address, port, server))
    except Unavailable as trouble:
        return _nothing(server, trouble.reason)
    except TimeoutError:
        return _nothing(server, "its own name was not found in time")
    return await _query(resolver, server, host)


async def _system(host: str) -> Answer:
    """As DNS has it, for the time to live; where DNS does not know the name, as the system does (hosts files ...)."""
    import dns.asyncresolver
    import dns.resolver

    answer = _nothing(SYSTEM, "")
    if not is_loopback(host):
        try:
            answer = await _query(dns.asyncresolver.Resolver(), SYSTEM, host)
        except dns.resolver.NoResolverConfiguration:
            answer = _nothing(SYSTEM, "no resolver is configured")
    return answer if answer.ipv4 or answer.ipv6 else await _looked_up(host, answer)


async def _looked_up(host: str, answer: Answer) -> Answer:
    try:
        async with asyncio.timeout(_PATIENCE_S):
            found = await addresses(host, 0, host)
    except Unavailable as trouble:
        return _nothing(SYSTEM, answer.trouble or trouble.reason)
    except TimeoutError:
        return _nothing(SYSTEM, answer.trouble or "no answer in time")
    ipv4, ipv6 = (tuple(sorted(ip for ip in found if (":" in ip) == six)) for six in (False, True))
    return Answer(SYSTEM, ipv4, ipv6)


async def _query(resolver: dns.asyncresolver.Resolver, label: str, host: str) -> Answer:
    """Both kinds of address; a failure of one kind leaves the other."""
    resolver.lifetime = _PATIENCE_S
    resolver.timeout = _PATIENCE_S / 2
    four, six = await asyncio.gather(_records(resolver, host, "A"), _records(resolver, host, "AAAA"))
    answers = [answer for answer in (four, six) if not isinstance(answer, str)]
    canonical = next((answer.canonical_name.to_text(omit_final_dot=True) for answer in answers), "")
    return Answer(
        resolver=label,
        ipv4=_addresses(four),
        ipv6=_addresses(six),
        ttl_s=min((answer.rrset.ttl for answer in answers if answer.rrset), default=None),
        canonical="" if canonical.lower() == host.lower() else canonical,
        operator=operator_of(canonical)[1],
        trouble=next((answer for answer in (four, six) if isinstance(answer, str)), ""),
    )


async def _records(resolver: dns.asyncresolver.Resolver, host: str, kind: str) -> dns.resolver.Answer | str:
    """The answer, or in words why there is none."""
    import dns.exception
    import dns.resolver

    try:
        return await resolver.resolve(f"{host}.", kind, raise_on_no_answer=False, search=False)
    except dns.resolver.NXDOMAIN:
        return "there is no such name (NXDOMAIN)"
    except dns.exception.Timeout:
        return "no answer in time"
    except dns.resolver.NoNameservers as error:
        return _refused(error)
    except (dns.exception.DNSException, OSError, ValueError):
        return "the answer cannot be read"


def _refused(error: dns.resolver.NoNameservers) -> str:
    """All servers answered with an error, or could not be reached; `errors` holds tuples that end in code or text."""
    details = [str(part) for entry in error.kwargs.get("errors", ()) for part in entry]
    known = [name for name in ("SERVFAIL", "REFUSED", "FORMERR", "NOTIMP") if name in details]
    return f"the resolver answers {known[0]}" if known else "the resolver cannot be reached"


def _addresses(answer: dns.resolver.Answer | str) -> tuple[str, ...]:
    if isinstance(answer, str) or not answer.rrset:
        return ()
    return tuple(sorted(record.to_text() for record in answer.rrset)[:_MOST_ADDRESSES])


def _nothing(label: str, trouble: str) -> Answer:
    return Answer(label, (), (), trouble=trouble)
