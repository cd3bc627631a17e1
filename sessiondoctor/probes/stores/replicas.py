"""The declared replicas of each Redis, looked at several times beside their primary."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING

from sessiondoctor.errors import Unavailable
from sessiondoctor.evidence.stores.replicas import Replica, Replicas
from sessiondoctor.probes.contract import Absent, Probe
from sessiondoctor.stores.redis.address import places
from sessiondoctor.stores.redis.client import HANDSHAKE, Link, connect
from sessiondoctor.stores.redis.info import Fields, number, read_section, word

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sessiondoctor.context import Context, Options
    from sessiondoctor.topology.model import Store, Topology
    from sessiondoctor.topology.secret import Secret

LOOKS = 7
APART_S = 0.5


def plan(topology: Topology, _options: Options) -> Iterator[Probe | Absent]:
    """One probe for each Redis with replicas."""
    stores = [store for store in topology.stores if store.kind == "redis" and store.url and store.replicas]
    if not stores:
        yield Absent(
            Replicas, "site", "no read replica is declared", "declare stores[].replicas, if nodes read from any"
        )
    for store in stores:
        contacts = dict.fromkeys((*places(store.url), *places(store.replicas)), HANDSHAKE + LOOKS)
        yield Probe(Replicas, store.name, "how closely its replicas follow", contacts, partial(look, store))


@dataclass(slots=True)
class _Seen:
    """What was seen of one server: its INFO and, look by look, the time and its place in the stream of writes."""

    link: Link
    fields: Fields = field(default_factory=dict)
    trail: list[tuple[float, int]] = field(default_factory=list)

    async def look(self) -> None:
        self.fields = await read_section(self.link, "replication")
        name = "slave_repl_offset" if "slave_repl_offset" in self.fields else "master_repl_offset"
        self.trail.append((asyncio.get_running_loop().time(), number(self.fields, name)))


async def look(store: Store, ctx: Context, apart_s: float = APART_S) -> Replicas:
    """Primary and replicas, `LOOKS` times.

    Raises:
        Unavailable: the primary cannot be asked.
    """
    async with AsyncExitStack() as stack:
        primary = _Seen(await stack.enter_async_context(connect(store.url, ctx.redactor)))
        opened = await asyncio.gather(*(_open(url, ctx, stack) for url in store.replicas))
        copies = [one for one in opened if isinstance(one, _Seen)]
        for _ in range(LOOKS):
            await primary.look()
            await asyncio.gather(*(copy.look() for copy in copies))
            await asyncio.sleep(apart_s)
    described = tuple(one if isinstance(one, Replica) else _replica(one, primary) for one in opened)
    return Replicas(store.name, primary.link.place, described)


async def _open(url: Secret, ctx: Context, stack: AsyncExitStack) -> _Seen | Replica:
    try:
        return _Seen(await stack.enter_async_context(connect((url,), ctx.redactor)))
    except Unavailable as trouble:
        return Replica((*places((url,)), "replica")[0], answers=False, reason=trouble.reason)


def _replica(seen: _Seen, primary: _Seen) -> Replica:
    fields, ids = seen.fields, ("master_replid", "master_replid2")
    followed = {word(primary.fields, name) for name in ids}
    return Replica(
        endpoint=seen.link.place,
        answers=True,
        reason=seen.link.unfit,
        role=word(fields, "role"),
        follows=word(fields, "master_replid") in followed if word(fields, "master_replid") else None,
        link_up=fields["master_link_status"] == "up" if "master_link_status" in fields else None,
        silent_s=number(fields, "master_last_io_seconds_ago", -1) if "master_last_io_seconds_ago" in fields else None,
        behind_bytes=max(0, primary.trail[-1][1] - seen.trail[-1][1]),
        behind_s=round(_behind_s(primary.trail, seen.trail), 2),
    )


def _behind_s(primary: Sequence[tuple[float, int]], copy: Sequence[tuple[float, int]]) -> float:
    """How old the oldest write is that a replica was seen to lack, since the primary was seen to have it."""
    lacking = [(now - then) for now, has in copy for then, had in primary if had > has and then <= now]
    return max(lacking, default=0.0)
