"""Every primary of a Redis store: one of a plain Redis, one for each shard of a Redis Cluster.

CLUSTER SLOTS and CLUSTER INFO: https://redis.io/docs/latest/commands/cluster-slots/ and cluster-info; slots of keys:
https://redis.io/docs/latest/operate/oss_and_stack/reference/cluster-spec/.
"""

from __future__ import annotations

import asyncio
import binascii
import re
from collections import defaultdict
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from sessiondoctor.errors import Unavailable
from sessiondoctor.stores.redis.client import Link, connect, open_link
from sessiondoctor.stores.redis.refusal import Refusal, not_redis, refusal

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    from sessiondoctor.redact import Redactor
    from sessiondoctor.stores.redis.address import RedisAddress
    from sessiondoctor.stores.redis.replies import Reply
    from sessiondoctor.topology.secret import Secret

MOST_SHARDS = 64
"""Shards that are looked at; of a larger cluster the rest is not."""

QUESTIONS = 3
"""Commands to one node besides its handshake: INFO, CLUSTER SLOTS, CLUSTER INFO."""

SLOTS = 16384

_HOST = re.compile(rb"[\w.:-]{1,253}")
_FIELD = re.compile(rb"^(cluster_\w{1,40}):(\w{1,20})\r?$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Shard:
    """A primary and the slots that it serves, each range with both ends.

    Attributes:
        link: None if it cannot be asked; then `trouble` says why, in one line.
    """

    place: str
    ranges: tuple[tuple[int, int], ...]
    link: Link | None
    trouble: str = ""

    def serves(self, slot: int) -> bool:
        """Whether a slot is one of its own."""
        return any(first <= slot <= last for first, last in self.ranges)


@dataclass(frozen=True, slots=True)
class Primaries:
    """The primaries of one store.

    Attributes:
        home: what the whole is called, however one came to it: host:port, or a cluster by its first primary.
        shards: one that serves all slots for a plain Redis.
        sick: whether a cluster says of itself that it is not whole.
        gaps: what cannot be looked at, one line each.
    """

    home: str
    shards: tuple[Shard, ...]
    sick: bool = False
    gaps: tuple[str, ...] = ()

    @property
    def links(self) -> tuple[Link, ...]:
        """One to each primary that answers; there is at least one."""
        return tuple(shard.link for shard in self.shards if shard.link)

    @property
    def link(self) -> Link:
        """The first of them."""
        return self.links[0]

    @property
    def cluster(self) -> bool:
        """Whether these are the shards of a cluster."""
        return self.home.startswith("cluster ")

    @property
    def blind(self) -> str:
        """Why not every key can be seen; empty if each can."""
        return "; ".join(self.gaps)

    def holder(self, key: bytes) -> Link | None:
        """Who serves a key; None if that cannot be asked."""
        slot = slot_of(key)
        return next((shard.link for shard in self.shards if shard.serves(slot)), None)


def slot_of(key: bytes) -> int:
    """The hash slot of a key: CRC16 (XMODEM) of what is in its first braces, if that is not empty, else of all."""
    _, brace, rest = key.partition(b"{")
    tag, closing, _ = rest.partition(b"}")
    hashed = tag if brace and closing and tag else key
    return binascii.crc_hqx(hashed, 0) % SLOTS


@asynccontextmanager
async def open_all(urls: tuple[Secret, ...], redactor: Redactor) -> AsyncIterator[Primaries]:
    """Opens every primary of a store, all at once, and closes them at the end.

    Raises:
        Unavailable: not one can be asked.
    """
    async with AsyncExitStack() as stack:
        first = await stack.enter_async_context(connect(urls, redactor))
        if await _is_clustered(first):
            yield await _open_cluster(first, stack)
        else:
            yield alone(first)


def alone(link: Link) -> Primaries:
    """A plain Redis, which serves all keys."""
    return Primaries(link.place, (Shard(link.place, ((0, SLOTS - 1),), link),))


async def _is_clustered(link: Link) -> bool:
    if link.address.cluster:
        return True
    (reply,) = await link.ask(("INFO", "cluster"))
    return isinstance(reply, bytes) and dict(_FIELD.findall(reply)).get(b"cluster_enabled") == b"1"


async def _open_cluster(first: Link, stack: AsyncExitStack) -> Primaries:
    slots, state = await first.ask(("CLUSTER", "SLOTS"), ("CLUSTER", "INFO"))
    if isinstance(slots, Refusal):
        raise refusal(first.place, slots, "CLUSTER SLOTS")
    primaries = list(_primaries(slots, first))
    taken = primaries[:MOST_SHARDS]
    if first.address.cluster:
        shards = tuple(await asyncio.gather(*(_open_shard(address, ranges, stack) for address, ranges in taken)))
    else:
        shards = _of_one(first, taken)
    gaps = [shard.trouble for shard in shards if shard.trouble]
    if len(primaries) > MOST_SHARDS:
        gaps.append(f"{len(primaries) - MOST_SHARDS} more shards were not looked at")
    if lost := SLOTS - sum(last - begin + 1 for _, ranges in primaries for begin, last in ranges):
        gaps.append(f"{lost} of {SLOTS} hash slots are served by no shard")
    if not primaries or not any(shard.link for shard in shards):
        raise Unavailable(gaps[0] if gaps else f"{first.place}: the cluster has no shards")
    return Primaries(_name(primaries), shards, bool(lost) or _is_sick(state), tuple(gaps))


def _name(primaries: list[tuple[RedisAddress, tuple[tuple[int, int], ...]]]) -> str:
    places = sorted(address.place for address, _ in primaries)
    return f"cluster of {places[0]}" + (f" and {len(places) - 1} more" if len(places) > 1 else "")


def _of_one(first: Link, primaries: list[tuple[RedisAddress, tuple[tuple[int, int], ...]]]) -> tuple[Shard, ...]:
    """The shards where the URL names one server: the others are named, and not given its password."""
    own = next((address for address, _ in primaries if address.place == first.place), None)
    ports = [address for address, _ in primaries if address.port == first.address.port]
    own = own or (ports[0] if len(ports) == 1 else None)
    shards = tuple(
        Shard(first.place, ranges, first)
        if address is own
        else Shard(address.place, ranges, None, f"{address.place} was not asked: the store's url does not name it "
                                                f"(shard of {_slots(ranges)}); write redis+cluster:// to follow")
        for address, ranges in primaries
    )  # fmt: skip
    return shards if own else (Shard(first.place, (), first), *shards)


async def _open_shard(address: RedisAddress, ranges: tuple[tuple[int, int], ...], stack: AsyncExitStack) -> Shard:
    try:
        link = await open_link(address)
    except Unavailable as trouble:
        return Shard(address.place, ranges, None, f"{trouble.reason} (shard of {_slots(ranges)})")
    stack.push_async_callback(link.aclose)
    return Shard(address.place, ranges, link)


def _slots(ranges: tuple[tuple[int, int], ...]) -> str:
    text = ", ".join(f"{first}-{last}" if first != last else str(first) for first, last in ranges[:3])
    return f"slots {text}{' ...' if len(ranges) > 3 else ''}"  # enough to recognise it


def _primaries(reply: Reply, seed: Link) -> Iterator[tuple[RedisAddress, tuple[tuple[int, int], ...]]]:
    """Each primary of a reply to CLUSTER SLOTS, with its slots."""
    ranges: dict[RedisAddress, list[tuple[int, int]]] = defaultdict(list)
    if not isinstance(reply, list):
        raise not_redis(seed.place)
    for entry in reply:
        match entry:
            case [int() as first, int() as last, [host, int() as port, *_], *_] if 0 <= first <= last < SLOTS:
                ranges[_address(host, port, seed)].append((first, last))
            case _:
                raise not_redis(seed.place)
    for address, some in ranges.items():
        yield address, tuple(some)


def _address(host: object, port: int, seed: Link) -> RedisAddress:
    """Where a node is; one that does not tell its host is where we asked (cluster-preferred-endpoint-type)."""
    known = isinstance(host, bytes) and _HOST.fullmatch(host)
    name = host.decode("ascii", "replace") if known and isinstance(host, bytes) else seed.address.host
    there = replace(seed.address, host=name, port=min(max(port, 1), 65535), sentinels=(), seeds=())
    return replace(there, told_by="" if there.place == seed.place else seed.address.host)


def _is_sick(reply: Reply) -> bool:
    """Whether CLUSTER INFO tells of slots that are not served; where it may not be asked, nothing is known."""
    fields = dict(_FIELD.findall(reply)) if isinstance(reply, bytes) else {}
    failing = fields.get(b"cluster_slots_fail", b"0"), fields.get(b"cluster_slots_pfail", b"0")
    return fields.get(b"cluster_state", b"ok") != b"ok" or failing != (b"0", b"0")
