"""The replies of a server, as they come in: parsed by hiredis, bounded, and none of them trusted."""

from __future__ import annotations

import re
from typing import Any

from sessiondoctor.errors import Unreachable
from sessiondoctor.stores.redis.refusal import RedisTrouble, Refusal, not_redis, read_refusal, refusal

REPLY_BYTES = 8 * 1024 * 1024
"""What the replies to one question, or batch of questions, may come to."""

# hiredis makes room for all the elements that an array is said to have: eight gigabytes for a header of twelve bytes.
# A million would not fit into `REPLY_BYTES` with anything in them.
_HUGE_ARRAY = re.compile(rb"\n[*%~>|][0-9]{7}")
_HEADER_BYTES = 9
_NOT_YET = object()

Reply = int | bytes | None | list[Any] | Refusal


class Replies:
    """Takes what comes from the network and hands out replies, in order; `place` is who sends them."""

    def __init__(self, place: str) -> None:
        import hiredis

        self._place = place
        self._found: list[Reply] = []
        self._bytes = 0
        self._tail = b"\n"
        refused: Any = read_refusal  # declared to make an exception, it may make anything
        self._parser = hiredis.Reader(replyError=refused, notEnoughData=_NOT_YET)
        # An array said to have billions of elements; types of RESP3, which nobody asked for.
        self._nonsense = (hiredis.ProtocolError, MemoryError, TypeError, ValueError)

    def __len__(self) -> int:
        """How many are complete."""
        return len(self._found)

    def take(self, wanted: int) -> list[Reply]:
        """The first so many of those that are complete."""
        taken, self._found = self._found[:wanted], self._found[wanted:]
        self._bytes = 0
        return taken

    def feed(self, chunk: bytes) -> None:
        """Takes a chunk; one of no bytes is the end of the connection.

        Raises:
            Unreachable: the connection has ended.
            RedisTrouble: these are no replies of a Redis, or they are too large.
        """
        self._bytes += len(chunk)
        if not chunk:
            raise self._ended()
        if self._bytes > REPLY_BYTES:
            raise RedisTrouble(f"{self._place}: the reply exceeds {REPLY_BYTES >> 20} MiB", why="not-redis")
        if _HUGE_ARRAY.search(self._tail + chunk):
            raise not_redis(self._place)
        self._tail = (self._tail + chunk)[-_HEADER_BYTES:]
        try:
            self._parser.feed(chunk)
            self._found.extend(iter(self._parser.gets, _NOT_YET))
        except self._nonsense:
            raise not_redis(self._place) from None

    def _ended(self) -> Unreachable | RedisTrouble:
        """A server that is full or protected says so before it closes."""
        last = self._found[-1] if self._found else None
        if isinstance(last, Refusal):
            return refusal(self._place, last, "anything")
        return Unreachable(f"{self._place}: closed the connection without an answer", trouble="closed")
