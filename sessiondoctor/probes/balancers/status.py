"""What load balancers say of themselves: on their status pages, or HAProxy on its Unix socket."""

from __future__ import annotations

import asyncio
from collections import Counter
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from sessiondoctor.errors import Unavailable
from sessiondoctor.evidence.balancers.status import BalancerStatus
from sessiondoctor.probes.balancers import apache as balancer_manager
from sessiondoctor.probes.balancers import caddy as caddy_admin
from sessiondoctor.probes.balancers import envoy as envoy_admin
from sessiondoctor.probes.balancers import haproxy as haproxy_stats
from sessiondoctor.probes.balancers import mod_jk as jk_status
from sessiondoctor.probes.balancers import traefik as traefik_api
from sessiondoctor.probes.browser.admin_page import LARGEST, PATIENCE_S, AdminPage
from sessiondoctor.probes.contract import Absent, Probe
from sessiondoctor.wire import failure
from sessiondoctor.wire.unix_socket import open_unix

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from sessiondoctor.context import Context, Options
    from sessiondoctor.probes.balancers.status_page import StatusPage
    from sessiondoctor.topology.model import Balancer, Topology

_KEY = "stats"
_COMMAND = b"show stat\n"  # the only one: `show` changes nothing

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
        hint = f"look at the status page of {balancer.name} yourself: only those of {', '.join(_PAGES)} can be read"
        return Absent(BalancerStatus, balancer.name, f"the status of {balancer.kind} cannot be read yet", hint)
    if not balancer.stats:
        hint = "declare load_balancers[].stats: the URL of its status page, or unix:/path of HAProxy's socket"
        return Absent(BalancerStatus, balancer.name, "no statistics are declared", hint)
    contacts = contacts_of(balancer)
    return Probe(BalancerStatus, balancer.name, "the balancer's own statistics", contacts, partial(look, balancer))


def contacts_of(balancer: Balancer) -> Counter[str]:
    """Where one look goes, and how often: host:port of pages, or the path of the socket."""
    socket = _socket_of(balancer)
    pages = () if socket else _pages(balancer)
    return Counter([socket] if socket else [page.place for page in pages for _ in range(page.requests)])


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


def _pages(balancer: Balancer) -> tuple[AdminPage, ...]:
    """Takes user and password out of the declared URL, and asks for what programs can read."""
    bare = AdminPage.of(balancer.stats.reveal(), _KEY)
    page = _PAGES[balancer.kind]
    return tuple(replace(bare, url=each, extra=page.headers(bare.url)) for each in page.urls(bare.url))


async def _from_page(page: AdminPage, ctx: Context) -> str:
    return (await page.fetch(ctx)).decode("latin-1")


async def _from_socket(path: str) -> str:
    received = bytearray()
    try:
        async with asyncio.timeout(PATIENCE_S):
            reader, writer = await open_unix(path)
            try:
                writer.write(_COMMAND)
                while len(received) <= LARGEST and (chunk := await reader.read(64 * 1024)):
                    received += chunk
            finally:
                writer.transport.abort()
                await asyncio.sleep(0)
    except OSError as error:
        raise failure.not_connected(path, error, PATIENCE_S) from None
    if len(received) > LARGEST:
        raise Unavailable(f"{path} sends more than {LARGEST >> 20} MiB of statistics")
    return received.decode("latin-1")
