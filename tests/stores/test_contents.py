from __future__ import annotations

import asyncio
import struct
from typing import TYPE_CHECKING, cast

import pytest

from sessiondoctor.stores.contents import HEAD, LARGE_HEAD, Contents
from sessiondoctor.stores.redis.value import contents_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sessiondoctor.stores.redis.client import Command, Link
    from sessiondoctor.stores.redis.replies import Reply


def java(name: str, uid: int, text: str = "") -> bytes:
    """A text and an object without fields, as Java writes them."""
    octets = name.encode()
    described = b"\x72" + struct.pack(">H", len(octets)) + octets + struct.pack(">qBH", uid, 2, 0) + b"\x78\x70"
    return b"\xac\xed\x00\x05\x74" + struct.pack(">H", len(text)) + text.encode() + b"\x73" + described


class Store:
    """As much of a Redis as is asked here."""

    def __init__(self, values: dict[bytes, bytes | dict[bytes, bytes]], forbidden: Sequence[str] = ()) -> None:
        self.values = values
        self.forbidden = forbidden
        self.refused: set[str] = set()
        self.asked: list[Command] = []

    async def ask(self, *commands: Command) -> list[Reply]:
        """Replies in order; a forbidden command is noted as `Link` does."""
        self.asked += commands
        self.refused |= {str(command[0]) for command in commands} & set(self.forbidden)
        return [None if command[0] in self.forbidden else self._reply(command) for command in commands]

    def _reply(self, command: Command) -> Reply:
        value = self.values[cast("bytes", command[1])]
        if isinstance(value, bytes):
            return value[: cast("int", command[3]) + 1]
        return [b"0", [part for pair in value.items() for part in pair]]

    def contents(self) -> Contents:
        """What they hold."""
        keys = [(key, "string" if isinstance(value, bytes) else "hash") for key, value in self.values.items()]
        return asyncio.run(contents_of(cast("Link", self), [*keys, (b"list", "list")]))


def test_versions_are_counted_by_session() -> None:
    """A class counts once for a session, however many of its values have it."""
    contents = Contents()
    contents.add([java("Cart", 1), java("Cart", 1), b""])
    contents.add([java("Cart", 2)])
    contents.add([])
    assert contents.encodings == {"java": 2}
    assert contents.classes == {"Cart": {1: 1, 2: 1}}


@pytest.mark.parametrize(
    "value", [b'{"a":1}', b"\xac\xed\x00\x05\x00nonsense", java("not a name", 1), java("x" * 300, 1)]
)
def test_what_is_no_class_is_left_out(value: bytes) -> None:
    """Other encodings, streams that are none, names that no compiler writes."""
    contents = Contents()
    contents.add([value])
    assert contents.classes == {}


def test_hostile_names_are_bounded() -> None:
    """A store full of invented classes does not fill the evidence."""
    contents = Contents()
    for number in range(2000):
        contents.add([java(f"C{number}", number)])
    assert len(contents.classes) == 500


def test_texts_are_read_on_only_if_they_are_javas() -> None:
    """First octets of all, a larger head of Java's."""
    store = Store({b"a": java("Cart", 7, "x" * 200), b"b": b'{"cookie":' + b"1" * 200, b"c": java("Cart", 7)})
    assert store.contents() == Contents({"java": 2, "json": 1}, {"Cart": {7: 2}})  # type: ignore[arg-type]
    assert [command for command in store.asked if command[0] == "GETRANGE" and command[3] == LARGE_HEAD - 1] == [
        ("GETRANGE", b"a", 0, LARGE_HEAD - 1)
    ]
    assert len(store.asked) == 4
    assert HEAD < 100


def test_fields_of_the_application_tell_the_encoding() -> None:
    """Spring's own fields are Java's even where attributes are JSON; classes are taken from all."""
    spring: dict[bytes, bytes] = {b"creationTime": java("java.lang.Long", 4), b"sessionAttr:cart": b'{"@class":"Cart"}'}
    redisson: dict[bytes, bytes] = {b"session:isValid": b'{"a":1}', b"cart": java("Cart", 3)}
    assert Store({b"s": spring}).contents() == Contents({"json": 1}, {"java.lang.Long": {4: 1}})  # type: ignore[arg-type]
    assert Store({b"r": redisson}).contents() == Contents({"java": 1}, {"Cart": {3: 1}})  # type: ignore[arg-type]


def test_a_forbidden_command_is_asked_once() -> None:
    """Each refusal is a line in the server's ACL log."""
    store = Store({b"a": b"x", b"b": b"y", b"c": b"z"}, forbidden=["GETRANGE"])
    assert store.contents() == Contents()
    assert len(store.asked) == 1
