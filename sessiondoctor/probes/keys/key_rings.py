"""Data Protection key rings: in the folders that `nodes[].key_ring` names, and in declared Redis stores.

Ids and dates are kept, never a key. In Redis the ring is a list of XML elements, `DataProtection-Keys` unless the
application names another (RedisXmlRepository).
"""

from __future__ import annotations

import time
from functools import partial
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

from sessiondoctor.errors import Unavailable
from sessiondoctor.evidence.keys.key_rings import KeyRing, KeyRings, StoredKey
from sessiondoctor.formats.key_ring import LONGEST, Revocation, RingKey, read_ring_element
from sessiondoctor.probes.contract import Absent, Probe
from sessiondoctor.stores.redis.address import places
from sessiondoctor.stores.redis.client import HANDSHAKE, connect

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sessiondoctor.context import Context, Options
    from sessiondoctor.topology.model import Node, Store, Topology

_MOST_FILES = 500
_LIST = "DataProtection-Keys"
_COMMANDS = 2


def plan(topology: Topology, _options: Options) -> Iterator[Probe | Absent]:
    """One look into all folders, and into the Redis stores of a site that may keep its ring there."""
    nodes, stores = [node for node in topology.nodes if node.key_ring], _stores(topology)
    if not nodes and not stores:
        hint = "declare nodes[].key_ring: the folder with the node's key-*.xml files"
        yield Absent(KeyRings, "site", "no Data Protection key ring is declared", hint)
        return
    names = ", ".join([*(node.name for node in nodes), *(store.name for store in stores)])
    contacts = dict.fromkeys((place for store in stores for place in places(store.url)), HANDSHAKE + _COMMANDS)
    yield Probe(KeyRings, "site", f"the Data Protection key rings of {names}", contacts, partial(read, nodes, stores))


def _stores(topology: Topology) -> list[Store]:
    """Where a ring may be: it is asked for only if the site is said to run on ASP.NET Core."""
    if topology.site.stack != "aspnetcore":
        return []
    return [store for store in topology.stores if store.kind == "redis" and store.url]


async def read(nodes: list[Node], stores: list[Store], ctx: Context) -> KeyRings:
    """The rings.

    Raises:
        Unavailable: a folder cannot be read, or a store not asked.
    """
    kept = [await _stored_ring(store, ctx) for store in stores]
    return KeyRings((*map(_ring, nodes), *(ring for ring in kept if ring.keys or ring.unreadable)), time.time())


async def _stored_ring(store: Store, ctx: Context) -> KeyRing:
    """The ring in a store, under the store's name; without keys if it has none."""
    async with connect(store.url, ctx.redactor) as link:
        kept = await link.one("TYPE", _LIST) == b"list"
        elements = await link.one("LRANGE", _LIST, 0, _MOST_FILES - 1) if kept else []
    texts = [one for one in elements if isinstance(one, bytes)] if isinstance(elements, list) else []
    return ring_of(store.name, [text[: LONGEST + 1].decode("utf-8-sig", "replace") for text in texts])


def _ring(node: Node) -> KeyRing:
    try:
        texts = [_text(path) for path in _files(Path(node.key_ring))]
    except OSError as error:
        reason = f"the key ring of {node.name} cannot be read: {(error.strerror or 'no reason given').lower()}"
        raise Unavailable(reason, hint="let this user read the folder of nodes[].key_ring") from None
    return ring_of(node.name, texts)


def ring_of(name: str, texts: Sequence[str]) -> KeyRing:
    """The ring whose elements these texts are."""
    found = [read_ring_element(text) for text in texts]
    revocations = [one for one in found if isinstance(one, Revocation)]
    keys = sorted((one for one in found if isinstance(one, RingKey)), key=lambda key: (key.created_at, key.key_id))
    return KeyRing(name, tuple(_stored(key, revocations) for key in keys), sum(one is None for one in found))


def _files(folder: Path) -> list[Path]:
    entries = islice(folder.iterdir(), _MOST_FILES)
    return sorted(path for path in entries if path.suffix.lower() == ".xml" and path.is_file())


def _text(path: Path) -> str:
    """As much as an element may have, and one character more, so that a larger one is known."""
    with path.open(encoding="utf-8-sig", errors="replace") as file:
        return file.read(LONGEST + 1)


def _stored(key: RingKey, revocations: Sequence[Revocation]) -> StoredKey:
    revoked = any(one.key_id == key.key_id or (not one.key_id and key.created_at <= one.at) for one in revocations)
    return StoredKey(key.key_id, key.created_at, key.active_from, key.expires_at, key.protected_by, revoked)
