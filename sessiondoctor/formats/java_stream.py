"""Classes and their versions in a Java object stream, without making any object of it.

An exact walk over the grammar of the Java Object Serialization Stream Protocol (`java.io.ObjectOutputStream`):
https://docs.oracle.com/en/java/javase/17/docs/specs/serialization/protocol.html. Nothing is recursive: a stack of
frames stands for the nesting, and every step of the loop uses up octets, so time and memory are linear in the input.

What cannot be walked by the grammar alone: an Externalizable class that wrote by protocol version 1, and a class whose
`writeObject` skips its own fields. The first ends the walk (`Seen.whole` is false), the second is malformed or ends it.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

MOST_OCTETS: Final = 64 * 1024 * 1024
"""What is looked at of one stream; the rest of a longer one is left alone."""

MOST_NESTED: Final = 65_536
"""Objects within objects. Java itself overflows its stack after a few thousand."""

MOST_CLASSES: Final = 4096
"""Class descriptors of one stream."""

MOST_SUPERCLASSES: Final = 256
"""Superclasses of one class."""

# java.io.ObjectStreamConstants
_MAGIC = b"\xac\xed\x00\x05"
_NULL, _REFERENCE, _CLASSDESC, _OBJECT, _STRING, _ARRAY, _CLASS, _BLOCKDATA = range(0x70, 0x78)
_ENDBLOCKDATA, _RESET, _BLOCKDATALONG, _EXCEPTION, _LONGSTRING, _PROXYCLASSDESC, _ENUM = range(0x78, 0x7F)
_FIRST_HANDLE = 0x7E0000
_WRITE_METHOD, _SERIALIZABLE, _EXTERNALIZABLE, _BLOCK_DATA, _ENUM_CLASS = 1, 2, 4, 8, 16
_ALL_FLAGS = 31

_WIDTHS: Final = {
    ord("B"): 1,
    ord("C"): 2,
    ord("D"): 8,
    ord("F"): 4,
    ord("I"): 4,
    ord("J"): 8,
    ord("S"): 2,
    ord("Z"): 1,
}
_REFERENCES: Final = frozenset(b"L[")
_DESCRIBED: Final = frozenset((_OBJECT, _ARRAY, _CLASS, _ENUM))
_DESCRIPTORS: Final = frozenset((_CLASSDESC, _PROXYCLASSDESC))
_STRINGS: Final = frozenset((_STRING, _LONGSTRING, _REFERENCE))

# How many contents are left in a frame: negative in a list that `TC_ENDBLOCKDATA` ends. The largest array has
# 2**31 - 1; beyond it are things to do between contents.
_TO_THE_END = -1
_RESUME, _FORGET, _STOP = 1 << 40, (1 << 40) + 1, (1 << 40) + 2

_u16 = struct.Struct(">H").unpack_from
_i32 = struct.Struct(">i").unpack_from
_u32 = struct.Struct(">I").unpack_from
_i64 = struct.Struct(">q").unpack_from

Step = tuple[int, int]
Frame = tuple[int, "Iterator[Step]"]


class MalformedStream(ValueError):  # noqa: N818 - what it is, as the errors of `sessiondoctor.errors` are named
    """It is no Java object stream, or goes beyond what one may hold. The text quotes nothing of it."""


@dataclass(frozen=True, slots=True)
class Seen:
    """What a stream tells of its classes.

    Attributes:
        classes: serialVersionUID by name, of every class descriptor; of one name, the first.
        versions: those of them that a JVM compares with its own class: not arrays, enums, and classes of which no
            object can be in a stream. (It does not compare those of records either, but a stream does not tell them.)
        whole: the walk came to the end of the stream. If not, there may be more classes.
    """

    classes: dict[str, int]
    versions: dict[str, int]
    whole: bool


@dataclass(slots=True)
class _Described:
    """A class descriptor. `program` is how to walk over an object of it: octets to skip, then contents to read."""

    name: str
    uid: int
    flags: int
    own: tuple[Step, ...]
    program: tuple[Step, ...] = ()
    supers: int = 0
    complete: bool = False


@dataclass(slots=True)
class _Walk:
    """A walk in progress; `suspended` are descriptors whose annotations are being read, and what they are for."""

    data: bytes
    pos: int = len(_MAGIC)
    handle: int = _FIRST_HANDLE
    described: dict[int, _Described] = field(default_factory=dict)
    stack: list[Frame] = field(default_factory=list)
    suspended: list[tuple[int, list[_Described]]] = field(default_factory=list)
    classes: dict[str, int] = field(default_factory=dict)
    versions: dict[str, int] = field(default_factory=dict)
    descriptors: int = 0

    def run(self) -> bool:  # noqa: C901, PLR0912 - the hot loop: a call for each kind of content would halve its speed
        """Walks to the end of the data; whether it is the end of the stream as well."""
        data, stack, described, end = self.data, self.stack, self.described, len(self.data)
        pos, handle, left, program = self.pos, self.handle, _TO_THE_END, _nothing()
        try:
            while True:
                while not left:
                    step = next(program, None)
                    if step is None:
                        left, program = stack.pop()
                        continue
                    pos += step[0]
                    left = step[1]
                    if left >= _RESUME:
                        if left == _STOP:
                            return False
                        self.pos, self.handle = pos, handle
                        left, program = self.between(left)
                        pos, handle = self.pos, self.handle
                tag = data[pos]
                if tag == _STRING:
                    pos += 3 + (data[pos + 1] << 8 | data[pos + 2])
                    handle += 1
                elif tag == _REFERENCE:
                    if not _FIRST_HANDLE <= _u32(data, pos + 1)[0] < handle:
                        raise MalformedStream("it refers to what it does not hold")
                    pos += 5
                elif tag == _OBJECT and data[pos + 1] == _REFERENCE:
                    known = described.get(_u32(data, pos + 2)[0])
                    if known is None or not known.complete or len(stack) > MOST_NESTED:
                        raise MalformedStream("an object without a class, or too deep")
                    pos += 6
                    handle += 1
                    stack.append((left - 1, program))
                    left, program = 0, iter(known.program)
                    continue
                elif tag == _NULL:
                    pos += 1
                elif left < 0 and tag == _BLOCKDATA:
                    pos += 2 + data[pos + 1]
                elif tag == _ENDBLOCKDATA and left < 0 and stack:
                    pos += 1
                    left = 0
                    continue
                else:
                    self.pos, self.handle = pos, handle
                    left, program = self.other(tag, left, program)
                    pos, handle = self.pos, self.handle
                    continue
                left -= 1
        except (IndexError, struct.error):  # the end of the data
            return pos == end and not stack

    def other(self, tag: int, left: int, program: Iterator[Step]) -> Frame:
        """The rarer contents; what to read next."""
        self.pos += 1
        if tag == _LONGSTRING:
            self.pos += 8 + self.length(_i64(self.data, self.pos)[0])
            self.handle += 1
            return left - 1, program
        if tag == _BLOCKDATALONG and left < 0:
            self.pos += 4 + self.length(_i32(self.data, self.pos)[0])
            return left, program
        if tag == _RESET and not self.stack:
            self.forget()
            return left, program
        if tag == _EXCEPTION:
            return self.exception()
        if len(self.stack) > MOST_NESTED or tag not in _DESCRIBED | _DESCRIPTORS:
            raise MalformedStream("no such content, or too deep")
        self.stack.append((left - 1, program))
        if tag in _DESCRIPTORS:
            self.pos -= 1
        return self.describe(tag, [])

    def between(self, what: int) -> Frame:
        """Things to do when a frame is done."""
        if what == _FORGET:
            self.forget()
            return 0, _nothing()
        return self.describe(*self.suspended.pop())

    def forget(self) -> None:
        """The stream starts anew with its handles."""
        self.described.clear()
        self.handle = _FIRST_HANDLE

    def exception(self) -> Frame:
        """The writer failed: all that was open is given up, and the Throwable stands alone."""
        self.forget()
        self.suspended.clear()
        self.stack[:] = [(_TO_THE_END, _nothing())]
        return 1, iter(((0, _FORGET),))

    def length(self, octets: int) -> int:
        """A length, which Java reads with a sign."""
        if octets < 0:
            raise MalformedStream("a negative length")
        return octets

    # -- class descriptors

    def describe(self, purpose: int, chain: list[_Described]) -> Frame:
        """Reads a class descriptor and its superclasses; `purpose` is the content that it belongs to."""
        above = None
        while (tag := self.data[self.pos]) != _NULL:
            if tag == _REFERENCE:
                above = self.known()
                break
            chain.append(self.opened(tag))
            if self.data[self.pos] != _ENDBLOCKDATA:
                self.suspended.append((purpose, chain))
                return _TO_THE_END, iter(((0, _RESUME),))
            self.pos += 1
        else:
            self.pos += 1
        for one in reversed(chain):
            self.complete(one, above)
            above = one
        if above is None:
            raise MalformedStream("an object without a class")
        return self.use(purpose, above)

    def known(self) -> _Described:
        """The descriptor that a handle refers to."""
        found = self.described.get(_u32(self.data, self.pos + 1)[0])
        if found is None or not found.complete:
            raise MalformedStream("it refers to a class that it does not describe")
        self.pos += 5
        return found

    def opened(self, tag: int) -> _Described:
        """A descriptor up to its annotations."""
        self.descriptors += 1
        if tag not in _DESCRIPTORS or self.descriptors > MOST_CLASSES:
            raise MalformedStream("no class descriptor, or too many")
        self.pos += 1
        return self.class_opened() if tag == _CLASSDESC else self.proxy_opened()

    def class_opened(self) -> _Described:
        """Name, version, flags and fields of a class."""
        data = self.data
        start = self.pos + 2
        end = start + _u16(data, self.pos)[0]
        uid, flags, fields = _i64(data, end)[0], data[end + 8], _u16(data, end + 9)[0]
        name = data[start:end].decode("utf-8", "replace")
        _check(name, uid, flags, fields)
        made = _Described(name, uid, flags, ())
        self.described[self.handle] = made
        self.handle += 1
        self.pos = end + 11
        made.own = _steps(flags, *self.fields(fields))
        return made

    def proxy_opened(self) -> _Described:
        """The interfaces of a dynamic proxy; its data is that of its superclass."""
        made = _Described("", 0, _SERIALIZABLE, ())
        self.described[self.handle] = made
        self.handle += 1
        count = self.length(_i32(self.data, self.pos)[0])
        self.pos += 4
        for _ in range(count):
            self.pos += 2 + _u16(self.data, self.pos)[0]
        return made

    def fields(self, count: int) -> tuple[int, int]:
        """How many octets the primitive fields take, and how many fields are objects; primitive ones come first."""
        data, pos, octets, objects = self.data, self.pos, 0, 0
        for _ in range(count):
            kind = data[pos]
            pos += 3 + (data[pos + 1] << 8 | data[pos + 2])
            if kind in _REFERENCES:
                objects += 1
                pos = self.text(pos)
            elif kind in _WIDTHS and not objects:
                octets += _WIDTHS[kind]
            else:
                raise MalformedStream("no such field, or in the wrong order")
        self.pos = pos
        return octets, objects

    def text(self, pos: int) -> int:
        """Where the string that starts at `pos`, or a reference to one, ends."""
        tag = self.data[pos]
        if tag == _REFERENCE:
            if not _FIRST_HANDLE <= _u32(self.data, pos + 1)[0] < self.handle:
                raise MalformedStream("it refers to what it does not hold")
            return pos + 5
        self.handle += 1
        if tag == _STRING:
            return int(pos + 3 + _u16(self.data, pos + 1)[0])
        if tag == _LONGSTRING:
            return pos + 9 + self.length(_i64(self.data, pos + 1)[0])
        raise MalformedStream("a field without a type")

    def complete(self, one: _Described, above: _Described | None) -> None:
        """Now that its superclass is known."""
        if above:
            one.supers = above.supers + 1
            if one.supers > MOST_SUPERCLASSES:
                raise MalformedStream("too many superclasses")
        outside = one.flags & _EXTERNALIZABLE  # such a class writes the data of its superclasses itself
        one.program = one.own if outside or not above else _joined(above.program, one.own)
        one.complete = True
        if not one.name:
            return
        self.classes.setdefault(one.name, one.uid)
        if one.flags & (_SERIALIZABLE | _EXTERNALIZABLE) and not one.flags & _ENUM_CLASS and one.name[0] != "[":
            self.versions.setdefault(one.name, one.uid)

    def use(self, purpose: int, described: _Described) -> Frame:
        """What follows the descriptor in the content that it belongs to."""
        if purpose in _DESCRIPTORS:
            return 0, _nothing()
        self.handle += 1
        if purpose == _OBJECT:
            return 0, iter(described.program)
        if purpose == _ARRAY:
            return self.array(described.name), _nothing()
        if purpose == _ENUM:
            if self.data[self.pos] not in _STRINGS:
                raise MalformedStream("a constant without a name")
            return 1, _nothing()
        return 0, _nothing()

    def array(self, name: str) -> int:
        """How many contents an array has; one of primitive values is skipped."""
        size = self.length(_i32(self.data, self.pos)[0])
        self.pos += 4
        kind = ord(name[1]) if len(name) > 1 and name[0] == "[" else 0
        if kind in _REFERENCES:
            return size
        if kind not in _WIDTHS:
            raise MalformedStream("an array of nothing")
        self.pos += size * _WIDTHS[kind]
        return 0


def classes_of(data: bytes) -> Seen:
    """The classes in a stream, or in the first octets of one.

    Raises:
        MalformedStream: it is not one.
    """
    if data[: len(_MAGIC)] != _MAGIC[: len(data)]:
        raise MalformedStream("it does not start as a Java object stream")
    walk = _Walk(data[:MOST_OCTETS])
    whole = len(data) >= len(_MAGIC) and walk.run() and len(data) <= MOST_OCTETS
    return Seen(walk.classes, walk.versions, whole)


def _nothing() -> Iterator[Step]:
    return iter(())


def _check(name: str, uid: int, flags: int, fields: int) -> None:
    """What `ObjectStreamClass.readNonProxy` demands of a descriptor."""
    both = _SERIALIZABLE | _EXTERNALIZABLE
    if not name or flags & ~_ALL_FLAGS or flags & both == both:
        raise MalformedStream("a class descriptor with impossible flags")
    if flags & _ENUM_CLASS and (uid or fields):
        raise MalformedStream("an enum with a version or fields")


def _steps(flags: int, octets: int, objects: int) -> tuple[Step, ...]:
    """How to walk over what one class of an object's ancestry has written."""
    if flags & _EXTERNALIZABLE:
        return ((0, _TO_THE_END if flags & _BLOCK_DATA else _STOP),)
    if not flags & _SERIALIZABLE:
        return ()
    annotated = ((0, _TO_THE_END),) if flags & _WRITE_METHOD else ()
    return _joined(((octets, objects),) if octets or objects else (), annotated)


def _joined(first: tuple[Step, ...], then: tuple[Step, ...]) -> tuple[Step, ...]:
    """One after the other; octets are skipped together where nothing is read in between."""
    if first and then and not first[-1][1]:
        return (*first[:-1], (first[-1][0] + then[0][0], then[0][1]), *then[1:])
    return (*first, *then)
