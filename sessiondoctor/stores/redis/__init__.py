"""Redis, Valkey, KeyDB: the functions of `stores.contract.Kind`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sessiondoctor.errors import Unreachable
from sessiondoctor.evidence.stores.store_reach import StoreReach
from sessiondoctor.stores.contract import Cost
from sessiondoctor.stores.redis.address import places
from sessiondoctor.stores.redis.client import HANDSHAKE
from sessiondoctor.stores.redis.counting import MOST_COMMANDS
from sessiondoctor.stores.redis.counting import take as census
from sessiondoctor.stores.redis.keyspace import MOST_SCANS, keyspaces
from sessiondoctor.stores.redis.primaries import QUESTIONS, open_all
from sessiondoctor.stores.redis.refusal import RedisTrouble

if TYPE_CHECKING:
    from sessiondoctor.context import Context
    from sessiondoctor.stores.redis.primaries import Primaries
    from sessiondoctor.topology.model import Store

__all__ = ["COST", "census", "keyspaces", "places", "reach"]

# One session is some twenty likely keys in up to 16 databases, and some twelve questions around each read of it.
COST = Cost(reach=HANDSHAKE + QUESTIONS, census=HANDSHAKE + MOST_COMMANDS, search=MOST_SCANS, each=600)


async def reach(store: Store, ctx: Context) -> StoreReach:
    """Whether the store lets us in. A refusal is an observation.

    Raises:
        Unavailable: it is a store that cannot be asked from here.
    """
    first = (*places(store.url), "")[0]
    try:
        async with open_all(store.url, ctx.redactor) as primaries:
            return _whole(store.name, primaries)
    except Unreachable as trouble:
        return StoreReach(store.name, first, answers=False, trouble=trouble.trouble, reason=trouble.reason)
    except RedisTrouble as trouble:
        kind = {"forbidden": "auth", "busy": ""}.get(trouble.why, trouble.why)
        return StoreReach(store.name, first, answers=not kind, trouble=kind, reason=trouble.reason)


def _whole(store: str, primaries: Primaries) -> StoreReach:
    """What a store that lets us in is worth: a cluster may be down in part, a Redis may serve no keys just now."""
    if primaries.sick:
        parts = primaries.gaps or ("it says of itself that it is down",)
        return StoreReach(
            store, primaries.home, answers=False, trouble="down", reason=f"{primaries.home}: {'; '.join(parts)}"
        )
    if primaries.gaps:  # the cluster itself misses nobody: it is our way there
        return StoreReach(store, primaries.home, answers=False, reason=f"{primaries.home}: {primaries.blind}")
    return StoreReach(store, primaries.home, answers=True, reason=primaries.link.unfit)
