"""What load balancers say of themselves: on their status pages, or HAProxy on its Unix socket."""

from __future__ import annotations

import asyncio
from base64 import b64encode
from collections import Counter
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

from sessiondoctor.errors import Unavailable
from sessiondoctor.evidence.balancers.status import BalancerStatus
from sessiondoctor.probes.balancers import apache as balancer_manager
from sessiondoctor.probes.balancers import caddy as caddy_admin
from sessiondoctor.probes.balancers import envoy as envoy_admin
from sessiondoctor.probes.balancers import haproxy as haproxy_stats
from sessiondoctor.probes.balancers import mod_jk as jk_status
from sessiondoctor.probes.balancers import traefik as traefik_api
from sessiondoctor.probes.contract import Absent, Probe
from sessiondoctor.wire import failure
from sessiondoctor.wire.address import split_url
from sessiondoctor.wire.client import Trust
from sessiondoctor.wire.message import Headers, Limits, Request
from sessiondoctor.wire.unix_socket import open_unix

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from sessiondoctor.context import Context, Options
    from sessiondoctor.probes.balancers.status_page import StatusPage
    from sessiondoctor.topology.model import Balancer, Topology
    from sessiondoctor.wire.message import Response

_PATIENCE_S = 5.0
_LARGEST = 1024 * 1024
_COMMAND = b"show stat\n"  # the only one: `show` changes nothing
_LOGIN = {401, 403}
_REDIRECTS = range(300, 400)

_PAGES: Mapping[str, StatusPage] = {
    "haproxy": haproxy_stats.PAGE,
    "apache": balancer_manager.PAGE,
    "mod_jk": jk_status.PAGE,
    "traefik": traefik_api.PAGE,
    "envoy": envoy_admin.PAGE,
    "caddy": caddy_admin.PAGE,
}


def plan(topology: Topology, _options: Options) -> Iterator[Probe | Absent]:
    """One look at each balancer with a status page."""
    if not topology.load_balancers:
        hint = "declare load_balancers[]: name, kind, stats"
        yield Absent(BalancerStatus, "site", "no load balancer is declared", hint)
    for balancer in topology.load_balancers:
        yield _entry(balancer)


def _entry(balancer: Balancer) -> Probe | Absent:
    if balancer.kind not in _PAGES:
        hint = f"look at its own status; it is read here of {', '.join(_PAGES)}"
        return Absent(BalancerStatus, balancer.name, f"no reader for the state of {balancer.kind} yet", hint)
    if not balancer.stats:
        hint = "declare load_balancers[].stats: the URL of its status page, or unix:/path of HAProxy's socket"
        return Absent(BalancerStatus, balancer.name, "no statistics are declared", hint)
    contacts = contacts_of(balancer)
    return Probe(BalancerStatus, balancer.name, "the balancer's own statistics", contacts, partial(look, balancer))


def contacts_of(balancer: Balancer) -> Counter[str]:
    """Where one look goes, and how often: host:port of pages, or the path of the socket."""
    socket = _socket_of(balancer)
    return Counter([socket] if socket else [page.place for page in _pages(balancer)])


async def look(balancer: Balancer, ctx: Context) -> BalancerStatus:
    """The state of the balancer's servers.

    Raises:
        Unreachable: it does not answer.
        Unavailable: it does not let us in, or answers something else.
    """
    socket = _socket_of(balancer)
    texts = [await _from_socket(socket)] if socket else [await _from_page(page, ctx) for page in _pages(balancer)]
    return _PAGES[balancer.kind].read(texts, balancer, ctx.topology.nodes)


def _socket_of(balancer: Balancer) -> str:
    """The path of the Unix socket; empty for a page."""
    scheme, _, rest = balancer.stats.reveal().partition(":")
    return rest.removeprefix("//") if scheme.lower() == "unix" else ""


@dataclass(frozen=True, slots=True)
class _Page:
    """A URL of the state, and how to log in."""

    url: str = field(repr=False)
    user: str = ""
    password: str = field(default="", repr=False)
    extra: Headers = ()

    @property
    def place(self) -> str:
        """`host:port`."""
        return split_url(self.url).origin.authority

    @property
    def headers(self) -> Headers:
        """What the product asks for, and the login (RFC 7617), if there is one."""
        if not (self.user or self.password):
            return self.extra
        login = b64encode(f"{self.user}:{self.password}".encode()).decode()
        return (*self.extra, ("Authorization", f"Basic {login}"))


def _pages(balancer: Balancer) -> tuple[_Page, ...]:
    """Takes user and password out of the declared URL, and asks for what programs can read."""
    parts = urlsplit(balancer.stats.reveal())
    url = parts._replace(netloc=parts.netloc.rpartition("@")[2], fragment="").geturl()
    page = _PAGES[balancer.kind]
    user, password = unquote(parts.username or ""), unquote(parts.password or "")
    return tuple(_Page(each, user, password, page.headers(url)) for each in page.urls(url))


async def _from_page(page: _Page, ctx: Context) -> str:
    for secret in (page.password, *(value for _, value in page.headers)):
        ctx.redactor.hide(secret)
    site = ctx.topology.site
    limits = Limits(connect_s=_PATIENCE_S, total_s=_PATIENCE_S, body_bytes=_LARGEST)
    wire = ctx.wire.with_limits(limits)
    response = await wire.send(Request(page.url, headers=page.headers), trust=Trust(site.ca))
    _check(page.place, response)
    return response.body.decode("latin-1")


def _check(place: str, response: Response) -> None:
    if response.status in _LOGIN:
        hint = "write user and password into stats: http://user:${PASSWORD}@host:port/stats"
        raise Unavailable(f"{place} demands a login (status {response.status})", hint=hint)
    if response.status in _REDIRECTS:
        raise Unavailable(f"{place} redirects elsewhere", hint="declare the URL that it leads to as stats")
    if response.status != 200:
        raise Unavailable(f"{place} answers with status {response.status}", hint="is stats the URL of its statistics?")
    if response.truncated:
        raise Unavailable(f"{place} sends more than {_LARGEST >> 20} MiB of statistics")


async def _from_socket(path: str) -> str:
    received = bytearray()
    try:
        async with asyncio.timeout(_PATIENCE_S):
            reader, writer = await open_unix(path)
            try:
                writer.write(_COMMAND)
                while len(received) <= _LARGEST and (chunk := await reader.read(64 * 1024)):
                    received += chunk
            finally:
                writer.transport.abort()
                await asyncio.sleep(0)
    except OSError as error:
        raise failure.not_connected(path, error, _PATIENCE_S) from None
    if len(received) > _LARGEST:
        raise Unavailable(f"{path} sends more than {_LARGEST >> 20} MiB of statistics")
    return received.decode("latin-1")
