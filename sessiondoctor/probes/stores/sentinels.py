"""Each sentinel of a store asked for the primary: clients believe the first that answers."""

from __future__ import annotations

import asyncio
from functools import partial
from typing import TYPE_CHECKING

from sessiondoctor.errors import Unavailable
from sessiondoctor.evidence.stores.sentinels import Sentinels, SentinelView
from sessiondoctor.probes.contract import Absent, Probe
from sessiondoctor.stores.declared import looked_at
from sessiondoctor.stores.redis.address import parse_url
from sessiondoctor.stores.redis.client import HANDSHAKE, ask_sentinel, sentinels_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sessiondoctor.context import Context, Options
    from sessiondoctor.stores.redis.address import RedisAddress
    from sessiondoctor.topology.model import Store, Topology


def plan(topology: Topology, _options: Options) -> Iterator[Probe | Absent]:
    """One probe for each store that is found through sentinels."""
    found = [(store, address) for store in looked_at(topology) if (address := _behind_sentinels(store))]
    if not found:
        hint = "declare stores[].url: redis+sentinel://host:port,host:port/name"
        yield Absent(Sentinels, "site", "no store is found through sentinels", hint)
    for store, address in found:
        contacts = {sentinel.place: HANDSHAKE for sentinel in sentinels_of(address)}
        yield Probe(Sentinels, store.name, "which primary each sentinel names", contacts, partial(ask, store, address))


def _behind_sentinels(store: Store) -> RedisAddress | None:
    if store.kind != "redis":
        return None
    for url in store.url:
        try:
            address = parse_url(url)
        except Unavailable:
            continue
        if address.sentinels:
            return address
    return None


async def ask(store: Store, address: RedisAddress, ctx: Context) -> Sentinels:
    """What each says."""
    ctx.redactor.hide(address.password)
    views = await asyncio.gather(*(_view(sentinel) for sentinel in sentinels_of(address)))
    return Sentinels(store.name, address.service, tuple(views))


async def _view(sentinel: RedisAddress) -> SentinelView:
    try:
        return SentinelView(sentinel.place, (await ask_sentinel(sentinel)).place)
    except Unavailable as trouble:
        return SentinelView(sentinel.place, "", trouble.reason)
