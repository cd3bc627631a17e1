"""When a session that was just written arrives at the replicas of its store."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sessiondoctor.errors import Unavailable
from sessiondoctor.evidence.stores.located import Copy
from sessiondoctor.stores.contract import StoredSession
from sessiondoctor.stores.redis.client import connect
from sessiondoctor.stores.redis.keyspace import RedisSpot

if TYPE_CHECKING:
    from sessiondoctor.context import Context
    from sessiondoctor.stores.redis.client import Link

PATIENCE_S = 3.0
"""How long a session is waited for; what takes longer has not arrived."""

MOST_LOOKS = 40
"""Questions for one session."""

_GONE = -2  # PTTL of a key that does not exist


@dataclass(frozen=True, slots=True)
class Written:
    """A session of `node` that was written at a time of the event loop, and where it was found since."""

    node: str
    at: float
    stored_sessions: Sequence[StoredSession]


async def arrivals(sessions: Sequence[Written], ctx: Context) -> tuple[Copy, ...]:
    """Looks each session up on every replica of its store that can be asked, until it is there."""
    replicas = {store.name: store.replicas for store in ctx.topology.stores if store.kind == "redis"}
    async with AsyncExitStack() as stack:
        waits = []
        for name, urls in replicas.items():
            mine = [(each, stored) for each in sessions for stored in each.stored_sessions if _is_in(stored, name)]
            for url in urls if mine else ():
                try:
                    link = await stack.enter_async_context(connect((url,), ctx.redactor))
                except Unavailable:  # `probes.replicas` tells why
                    continue
                waits += [_wait(link, name, each, stored) for each, stored in mine if isinstance(stored, RedisSpot)]
        copies = await asyncio.gather(*waits)
    return tuple(copy for copy in copies if copy)


def _is_in(stored: StoredSession, store: str) -> bool:
    return isinstance(stored, RedisSpot) and stored.keyspace.store == store


async def _wait(link: Link, store: str, session: Written, stored: RedisSpot) -> Copy | None:
    """None if the replica does not tell."""
    clock = asyncio.get_running_loop().time
    absent_s, ends = 0.0, clock() + PATIENCE_S
    while clock() < ends:
        try:
            (life,) = await link.ask(("PTTL", stored.key))
        except Unavailable:
            return None
        since = round(clock() - session.at, 3)
        if not isinstance(life, int):
            return None
        if life != _GONE:
            return Copy(session.node, store, link.place, since, absent_s)
        absent_s = since
        await asyncio.sleep(PATIENCE_S / MOST_LOOKS)
    # A key that has meanwhile gone from its own place, too, was deleted: nobody lost it on the way.
    return Copy(session.node, store, link.place, None, absent_s) if await stored.ttl_s() is not None else None
