"""What a few stored sessions hold: their encoding, and the classes of Java objects in them.

GETRANGE and HSCAN reset the idle time of a key: a handful only.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sessiondoctor.stores.contents import HEAD, LARGE_HEAD, Contents, is_java

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sessiondoctor.stores.redis.client import Command, Link
    from sessiondoctor.stores.redis.replies import Reply

SMALL = 64 * 1024
"""Octets: HSCAN returns a small hash whole, and of any at least one value, so larger hashes are left alone."""

_LOOKED_INTO = {"string", "hash"}
_FIELDS = 100  # of a hash, at least
# Fields that hold what the application stored: Spring's attributes, ASP.NET Core's `data`; and those that do not.
_TELLING = (b"sessionAttr:", b"data")
_OWN = (b"session:", b"creationTime", b"lastAccessedTime", b"maxInactiveInterval")


async def contents_of(link: Link, values: Iterable[tuple[bytes, str]]) -> Contents:
    """What these keys, given with their types, hold; of Java's texts more than the first octets is read."""
    contents, cut = Contents(), []
    for command, reply in await _ask(link, [_question(*value) for value in values if value[1] in _LOOKED_INTO]):
        if isinstance(reply, bytes) and len(reply) == HEAD and is_java(reply):
            cut.append(command)
        else:
            contents.add(_values(reply))
    for _, reply in await _ask(link, [(*command[:3], LARGE_HEAD - 1) for command in cut]):
        contents.add(_values(reply))
    return contents


async def _ask(link: Link, commands: list[Command]) -> list[tuple[Command, Reply]]:
    """The first alone: a forbidden command is refused, and logged, only once."""
    pairs: list[tuple[Command, Reply]] = []
    for some in (commands[:1], commands[1:]):
        allowed = [command for command in some if command[0] not in link.refused]
        pairs += zip(allowed, await link.ask(*allowed) if allowed else (), strict=True)
    return pairs


def _question(key: bytes, kind: str) -> Command:
    return ("GETRANGE", key, 0, HEAD - 1) if kind == "string" else ("HSCAN", key, 0, "COUNT", _FIELDS)


def _values(reply: Reply) -> list[bytes]:
    """The values in a reply, the most telling first."""
    match reply:
        case bytes():
            return [reply]
        case [_, [*flat]] if all(isinstance(part, bytes) for part in flat):
            return [value for _, value in sorted(zip(flat[::2], flat[1::2], strict=False), key=_rank)]
    return []


def _rank(pair: tuple[bytes, bytes]) -> int:
    name = pair[0]
    return 0 if name.startswith(_TELLING) else 2 if name.startswith(_OWN) else 1
