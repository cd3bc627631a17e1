"""The Data Protection key rings in the folders that `nodes[].key_ring` names: ids and dates, never a key."""

from __future__ import annotations

import time
from functools import partial
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

from sessiondoctor.errors import Unavailable
from sessiondoctor.evidence.key_rings import KeyRing, KeyRings, StoredKey
from sessiondoctor.formats.key_ring import LONGEST, Revocation, RingKey, read_ring_element
from sessiondoctor.probes.contract import Absent, Probe

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sessiondoctor.probes.contract import Context, Options
    from sessiondoctor.topology.model import Node, Topology

_MOST_FILES = 500


def plan(topology: Topology, _options: Options) -> Iterator[Probe | Absent]:
    """One look into all folders; it contacts nobody."""
    nodes = [node for node in topology.nodes if node.key_ring]
    if not nodes:
        hint = "declare nodes[].key_ring: the folder with the node's key-*.xml files"
        yield Absent(KeyRings, "site", "no Data Protection key ring is declared", hint)
        return
    names = ", ".join(node.name for node in nodes)
    yield Probe(KeyRings, "site", f"the Data Protection key rings of {names}", {}, partial(read, nodes))


async def read(nodes: list[Node], _ctx: Context) -> KeyRings:
    """The rings.

    Raises:
        Unavailable: a folder cannot be read.
    """
    return KeyRings(tuple(_ring(node) for node in nodes), time.time())


def _ring(node: Node) -> KeyRing:
    try:
        texts = [_text(path) for path in _files(Path(node.key_ring))]
    except OSError as error:
        reason = f"the key ring of {node.name} cannot be read: {(error.strerror or 'no reason given').lower()}"
        raise Unavailable(reason, hint="let this user read the folder of nodes[].key_ring") from None
    found = [read_ring_element(text) for text in texts]
    revocations = [one for one in found if isinstance(one, Revocation)]
    keys = sorted((one for one in found if isinstance(one, RingKey)), key=lambda key: (key.created_at, key.key_id))
    return KeyRing(node.name, tuple(_stored(key, revocations) for key in keys), sum(one is None for one in found))


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
