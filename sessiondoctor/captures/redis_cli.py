"""What redis-cli printed: INFO, CONFIG GET, and the elements of a Data Protection key ring.

In a terminal replies are numbered and quoted (`1) "maxmemory"`), in a pipe they are bare lines.
"""

from __future__ import annotations

import re
import time
from itertools import pairwise
from typing import TYPE_CHECKING

from sessiondoctor.evidence.keys.key_rings import KeyRings

if TYPE_CHECKING:
    from sessiondoctor.evidence.keys.key_rings import KeyRing
    from sessiondoctor.evidence.stores.redis_server import RedisServer

_MOST_LINES = 20_000
_FIELD = re.compile(r"([a-z][A-Za-z0-9_|-]{1,60}):([^\r\n]{0,500})$")
_NUMBERED = re.compile(r"^\s*\d{1,6}\) ")
_SETTINGS = {
    "maxmemory", "maxmemory-policy", "maxclients", "timeout", "save", "notify-keyspace-events", "appendonly",
    "replica-read-only", "min-replicas-to-write",
}  # fmt: skip
_OF_INFO = {"maxmemory": "maxmemory", "maxmemory-policy": "maxmemory_policy", "maxclients": "maxclients"}
_TELLING = {"redis_version", "used_memory", "role", "uptime_in_seconds", "maxmemory_policy", "evicted_keys"}
_ELEMENT = re.compile(r"<(key|revocation)\s.{0,65536}?</\1>", re.DOTALL)


def looks_like_info(text: str) -> bool:
    """Whether a text has the fields that every INFO has, or at least settings by name."""
    head = text[:200_000]
    told = {found[1] for line in head.splitlines()[:_MOST_LINES] if (found := _FIELD.match(line.strip()))}
    return (
        len(told & {"redis_version", "used_memory", "role", "uptime_in_seconds", "maxmemory_policy", "evicted_keys"})
        > 1
    )


def looks_like_ring(text: str) -> bool:
    """Whether a text has elements of a Data Protection key ring."""
    return "<key " in text and "creationDate" in text


def read_redis(text: str, store: str) -> RedisServer:
    """The figures that the output shows; what it does not show is as if it were zero or unknown."""
    from sessiondoctor.probes.stores.redis_server import Looks, figures

    lines = [_bare(line) for line in text.splitlines()[:_MOST_LINES]]
    fields = {found[1]: found[2].strip() for line in lines if (found := _FIELD.match(line))}
    settings = {name: value for name, value in pairwise(lines) if name in _SETTINGS}
    for name, field in _OF_INFO.items():
        if name in settings:
            fields.setdefault(field, settings[name])
    port = fields.get("tcp_port", "6379")
    return figures(store, f"{store}:{port}" if port.isdigit() else store, Looks(fields, fields, 0.0), settings.get)


def read_ring(text: str, owner: str) -> KeyRing:
    """The ring in `LRANGE DataProtection-Keys 0 -1`, or in the XML files themselves."""
    plain = text.replace('\\"', '"').replace("\\n", "\n").replace("\\r", "")
    from sessiondoctor.probes.keys.key_rings import ring_of

    return ring_of(owner, [found[0] for found in _ELEMENT.finditer(plain)])


def _bare(line: str) -> str:
    """A line without number and quotes."""
    text = _NUMBERED.sub("", line).strip()
    return text[1:-1] if len(text) > 1 and text[0] == text[-1] == '"' else text


def rings_of(rings: tuple[KeyRing, ...]) -> KeyRings:
    """The rings of all who showed theirs, as of now."""
    return KeyRings(rings, time.time())
