"""memcached, one server or a ring: the functions of `stores.contract.Kind`."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from sessiondoctor.errors import Unreachable
from sessiondoctor.evidence.stores.store_reach import StoreReach
from sessiondoctor.stores.contract import Cost
from sessiondoctor.stores.memcached.address import places, servers
from sessiondoctor.stores.memcached.client import HANDSHAKE, connect
from sessiondoctor.stores.memcached.counting import MOST_COMMANDS
from sessiondoctor.stores.memcached.counting import take as census
from sessiondoctor.stores.memcached.keyspace import MOST_DUMPS, keyspaces
from sessiondoctor.stores.memcached.refusal import MemcachedTrouble

if TYPE_CHECKING:
    from sessiondoctor.context import Context
    from sessiondoctor.stores.memcached.address import Address
    from sessiondoctor.topology.model import Store

__all__ = ["COST", "census", "keyspaces", "places", "reach"]

# One session is some twenty likely keys, and a few looks at the date of expiry, each of three questions or more.
COST = Cost(reach=HANDSHAKE, census=MOST_COMMANDS, search=HANDSHAKE + 2 + 5 * MOST_DUMPS, each=120)


async def reach(store: Store, _ctx: Context) -> StoreReach:
    """Whether every server of the store lets us in. A refusal is an observation; the first one is told.

    Raises:
        Unavailable: it is a store that cannot be asked from here.
    """
    reaches = await asyncio.gather(*(_reach(store.name, address) for address in servers(store.url)))
    return next((reach for reach in reaches if not reach.answers), reaches[0])


async def _reach(store: str, address: Address) -> StoreReach:
    try:
        async with connect(address):
            return StoreReach(store, address.place, answers=True)
    except Unreachable as trouble:
        return StoreReach(store, address.place, answers=False, trouble=trouble.trouble, reason=trouble.reason)
    except MemcachedTrouble as trouble:
        kind = {"full": "", "refused": ""}.get(trouble.why, trouble.why)
        return StoreReach(store, address.place, answers=not kind, trouble=kind, reason=trouble.reason)
