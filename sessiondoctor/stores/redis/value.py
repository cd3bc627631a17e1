"""How stored sessions are encoded, by the first octets of a few of them; the octets themselves are forgotten.

GETRANGE and HSCAN reset the idle time of a key: a handful only.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from sessiondoctor.formats.session_value import encoding_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sessiondoctor.stores.redis.client import Command, Link
    from sessiondoctor.stores.redis.replies import Reply

SMALL = 64 * 1024
"""Octets: HSCAN returns a small hash whole, and of any at least one value, so larger hashes are left alone."""

_HEAD = 64  # octets of a value that tell its encoding
# Fields that hold what the application stored: Spring Session's attributes, ASP.NET Core's `data`.
_TELLING = (b"sessionAttr:", b"data")


async def encodings_of(link: Link, values: Iterable[tuple[bytes, str]]) -> Counter[str]:
    """How many of these keys, given with their types, hold which encoding; empty values are left out."""
    asked = [_question(key, kind) for key, kind in values if kind in {"string", "hash"}]
    heads: list[bytes] = []
    for some in (asked[:1], asked[1:]):  # a forbidden command is refused, and logged, only once
        allowed = [command for command in some if command[0] not in link.refused]
        heads += [_head(reply) for reply in (await link.ask(*allowed) if allowed else [])]
    return Counter(encoding_of(head) for head in heads if head)


def _question(key: bytes, kind: str) -> Command:
    return ("GETRANGE", key, 0, _HEAD - 1) if kind == "string" else ("HSCAN", key, 0, "COUNT", 1)


def _head(reply: Reply) -> bytes:
    match reply:
        case bytes():
            return reply[:_HEAD]
        case [_, [*flat]] if all(isinstance(part, bytes) for part in flat):
            pairs = sorted(zip(flat[::2], flat[1::2], strict=False), key=lambda pair: not pair[0].startswith(_TELLING))
            return pairs[0][1][:_HEAD] if pairs else b""
    return b""
