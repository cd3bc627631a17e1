"""Hazelcast: what each declared member says of its cluster, on the health page of its REST API.

`GET /hazelcast/health` on the member's port answers JSON from Hazelcast 4 on, where the group HEALTH_CHECK is enabled
(Hazelcast Platform documentation, "Using the REST Endpoint Groups"; seen with 5.5).
"""

from __future__ import annotations

import asyncio
import re
from functools import partial
from typing import TYPE_CHECKING, Final

from sessiondoctor.errors import Unavailable
from sessiondoctor.evidence.stores.hazelcast_members import HazelcastMember, HazelcastMembers
from sessiondoctor.probes.browser.json_page import at, parse_json
from sessiondoctor.probes.contract import Absent, Probe
from sessiondoctor.probes.stores.absences import declare
from sessiondoctor.wire.address import split_url
from sessiondoctor.wire.client import Trust
from sessiondoctor.wire.message import Limits, Request

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sessiondoctor.context import Context, Options
    from sessiondoctor.topology.model import Store, Topology
    from sessiondoctor.wire.client import Wire

_PORT: Final = 5701
_PATH: Final = "/hazelcast/health"
_PATIENCE_S: Final = 5.0
_LARGEST: Final = 16 * 1024
_OK: Final = 200
_HINT = "enable Hazelcast's REST API with the group HEALTH_CHECK on each member, for addresses you trust"


def plan(topology: Topology, _options: Options) -> Iterator[Probe | Absent]:
    """One probe a Hazelcast cluster; it asks every member that is declared."""
    stores = [store for store in topology.stores if store.kind == "hazelcast" and store.url]
    if not stores:
        hint = declare(topology, "hazelcast", "kind: hazelcast, url: [http://member:5701, ...]")
        yield Absent(HazelcastMembers, "site", "no Hazelcast members are declared", hint)
    for store in stores:
        contacts = dict.fromkeys(map(_place, _pages(store)), 1)
        yield Probe(HazelcastMembers, store.name, "how many members each member counts", contacts, partial(look, store))


async def look(store: Store, ctx: Context) -> HazelcastMembers:
    """The views of all members.

    Raises:
        Unavailable: no member answers.
    """
    pages = _pages(store)
    limits = Limits(connect_s=_PATIENCE_S, total_s=_PATIENCE_S, body_bytes=_LARGEST)
    wire = ctx.wire.with_limits(limits)
    answers = await asyncio.gather(*(_ask(page, wire, Trust(ctx.topology.site.ca)) for page in pages))
    members = tuple(answer for answer in answers if isinstance(answer, HazelcastMember))
    silent = {_place(page): answer for page, answer in zip(pages, answers, strict=True) if isinstance(answer, str)}
    if not members:
        raise Unavailable("; ".join(silent.values()), hint=_HINT)
    return HazelcastMembers(store.name, len(pages), members, tuple(silent))


async def _ask(page: str, wire: Wire, trust: Trust) -> HazelcastMember | str:
    """Its view, or why there is none."""
    try:
        return await _view(page, wire, trust)
    except Unavailable as trouble:
        return trouble.reason


async def _view(page: str, wire: Wire, trust: Trust) -> HazelcastMember:
    response = await wire.send(Request(page), trust=trust)
    size = at(parse_json(response.body.decode("utf-8", "replace")), "clusterSize")
    if response.status != _OK or type(size) is not int:
        raise Unavailable(f"{_place(page)} does not say how many members it counts (status {response.status})")
    return HazelcastMember(_place(page), size)


def _pages(store: Store) -> tuple[str, ...]:
    """The health page of each declared member, each once."""
    return tuple(dict.fromkeys(page for url in store.url for page in _pages_of(url.reveal())))


def _pages_of(url: str) -> Iterator[str]:
    """Of `scheme://host:port,host:port/...`; a login in it is not sent."""
    scheme, _, rest = url.partition("://")
    hosts = re.split("[/?#]", rest, maxsplit=1)[0].rpartition("@")[2].split(",")
    for host in hosts:
        port = "" if re.search(r":[0-9]+\Z", host) else f":{_PORT}"
        yield f"{'https' if scheme.lower() == 'https' else 'http'}://{host}{port}{_PATH}"


def _place(page: str) -> str:
    return split_url(page).origin.authority
