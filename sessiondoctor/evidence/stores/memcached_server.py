"""One memcached: its own figures."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class MemcachedServer:
    """What `stats`, `stats settings` and `stats items` say (memcached, doc/protocol.txt). Bytes and seconds.

    Attributes:
        endpoint: host:port or the path of the socket; a store may have several servers.
        full: it let us not in, because no connection is left; all figures are then 0.
        delta_s: between the two looks that the deltas compare.
        evicted_with_expiry: items with an expiry that were evicted before it (`evicted_nonzero` of all classes).
        evicted_idle_s: how long the item evicted last had not been asked for, the shortest of all classes with
            evictions; None if there were none.
        too_large: writes refused because of their size; each also deleted what was there before.
        no_memory: writes refused for want of memory.
        flushes: calls of flush_all, and `flushed_misses`, reads that missed for it.
        refused_connections: `listen_disabled_num` and `rejected_connections`.
        largest_item: `-I`, item_size_max.
        evicts: whether a full server evicts; else (`-M`) it refuses writes.
        clock_ahead_s: its clock less ours, in whole seconds.
        restarted: it was started anew between the two looks.
    """

    store: str
    endpoint: str
    full: bool = False
    version: str = ""
    uptime_s: int = 0
    delta_s: float = 0.0
    items: int = 0
    evicted: int = 0
    evicted_delta: int = 0
    evicted_with_expiry: int = 0
    evicted_with_expiry_delta: int = 0
    evicted_idle_s: int | None = None
    too_large: int = 0
    too_large_delta: int = 0
    no_memory: int = 0
    flushes: int = 0
    flushes_delta: int = 0
    flushed_misses: int = 0
    misses: int = 0
    connections: int = 0
    max_connections: int = 0
    refused_connections: int = 0
    largest_item: int = 0
    evicts: bool = True
    clock_ahead_s: int = 0
    restarted: bool = False
