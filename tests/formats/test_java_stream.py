"""The walk over Java object streams, against streams of a real JDK and what its own reader says is in them."""

from __future__ import annotations

import base64
import struct
import zlib
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sessiondoctor.formats import java_stream
from sessiondoctor.formats.java_stream import MalformedStream, classes_of

HEAD = b"\xac\xed\x00\x05"
NULL, END = b"\x70", b"\x78"
FIRST = b"\x71\x00\x7e\x00\x00"
PIECES = (b"\x70", b"\x71", b"\x73", b"\x78", b"\xff" * 4)
VECTORS = Path(__file__).parent / "vectors" / "java_stream" / "jdk17.tsv"


def load() -> dict[str, tuple[dict[str, int], bytes]]:
    """Name -> the descriptors that the JDK's reader met, and the stream."""
    rows = [line.split("\t") for line in VECTORS.read_text(encoding="utf-8").splitlines()]
    return {
        name: (
            {one.rpartition("=")[0]: int(one.rpartition("=")[2]) for one in classes.split(",") if one},
            zlib.decompress(base64.b64decode(data)),
        )
        for name, classes, data in rows
    }


STREAMS = load()


def described(name: str, uid: int = 1, flags: int = 2, fields: bytes = b"", count: int = 0) -> bytes:
    """A class descriptor up to its annotations."""
    text = name.encode()
    return b"\x72" + struct.pack(">H", len(text)) + text + struct.pack(">qBH", uid, flags, count) + fields


def a_class(name: str, uid: int = 1, flags: int = 2, above: bytes = NULL) -> bytes:
    """A class descriptor without fields."""
    return described(name, uid, flags) + END + above


@pytest.mark.parametrize("name", STREAMS)
def test_the_jdk_agrees(name: str) -> None:
    """The same descriptors as the JDK's reader, to the end of the stream."""
    classes, data = STREAMS[name]
    seen = classes_of(data)
    assert seen.classes == classes
    assert seen.whole


@pytest.mark.parametrize("name", STREAMS)
def test_a_head_tells_some_of_it(name: str) -> None:
    """Cut anywhere, a stream tells part of its classes, and more of it never tells less."""
    classes, data = STREAMS[name]
    before: dict[str, int] = {}
    for cut in range(0, len(data), max(1, len(data) // 200)):
        seen = classes_of(data[:cut])
        assert before.items() <= seen.classes.items() <= classes.items()
        before = seen.classes


def test_a_cut_stream_is_not_whole() -> None:
    """No octet of one object can be missing unnoticed."""
    _, data = STREAMS["cart"]
    assert not any(classes_of(data[:cut]).whole for cut in range(5, len(data)))


def test_versions_are_what_a_jvm_compares() -> None:
    """Not arrays, enums, or classes that cannot be serialised."""
    versions = classes_of(STREAMS["classes"][1]).versions
    assert versions["Vectors$Cart"] == -2
    assert not versions.keys() & {"[I", "Vectors$Color", "java.lang.Object", "java.lang.Enum"}


def test_text_that_looks_like_a_class_is_text() -> None:
    """What a scan for descriptors would fall for."""
    text = a_class("Fake", 7)
    assert classes_of(HEAD + b"\x74" + struct.pack(">H", len(text)) + text).classes == {}


def test_protocol_version_1_ends_the_walk() -> None:
    """Only the class itself knows where the data of such an object ends."""
    seen = classes_of(HEAD + b"\x73" + a_class("Outside", 5, flags=4) + b"\x01\x02\x03")
    assert seen.classes == {"Outside": 5}
    assert not seen.whole


def test_deep_nesting_is_walked() -> None:
    """Twenty thousand objects within each other; Java itself would overflow its stack."""
    node = described("Node", 8, fields=b"L\x00\x04next\x74\x00\x06LNode;", count=1) + END + NULL
    seen = classes_of(HEAD + b"\x73" + node + (b"\x73" + FIRST) * 20_000 + NULL)
    assert seen.whole
    assert seen.classes == {"Node": 8}


def test_a_class_of_objects_within_its_own_annotation_is_walked() -> None:
    """Annotations hold any contents, so descriptors nest as well."""
    depth = 3000
    opened = b"".join(b"\x73" + described(f"C{n}") for n in range(depth))
    seen = classes_of(HEAD + opened + (END + NULL) * depth)
    assert seen.whole
    assert len(seen.classes) == depth


@pytest.mark.parametrize(
    "data",
    [
        b"{}",
        b"\xac\xed\x00\x04",
        HEAD + b"\x00",
        HEAD + END,
        HEAD + b"\x71\x00\x7e\x00\x00",
        HEAD + b"\x73\x70",
        HEAD + b"\x73\x71\x00\x7e\x00\x00",
        HEAD + b"\x73" + a_class(""),
        HEAD + b"\x73" + a_class("Both", flags=6),
        HEAD + b"\x73" + a_class("Enum", uid=1, flags=0x12),
        HEAD + b"\x73" + described("Own", count=0) + END + FIRST,
        HEAD + b"\x73" + described("Late", fields=b"L\x00\x01a\x74\x00\x01AI\x00\x01b", count=2) + END + NULL,
        HEAD + b"\x73" + described("Type", fields=b"Q\x00\x01a", count=1) + END + NULL,
        HEAD + b"\x75" + a_class("[I") + b"\xff\xff\xff\xff",
        HEAD + b"\x75" + a_class("NoArray") + b"\x00\x00\x00\x01",
        HEAD + b"\x7c\xff\xff\xff\xff\xff\xff\xff\xff",
        HEAD + b"\x73" + a_class("Plain") + b"\x77\x01\x00" + b"\x73" + FIRST + b"\x79" + END,
        HEAD + b"\x7e" + a_class("E", uid=0, flags=0x12) + NULL,
    ],
)
def test_nonsense_is_malformed(data: bytes) -> None:
    """With one exception type, which quotes nothing."""
    with pytest.raises(MalformedStream):
        classes_of(data)


def test_budgets() -> None:
    """Too many classes, superclasses or objects within objects are nobody's session."""
    many = b"".join(a_class(f"C{n}") for n in range(java_stream.MOST_CLASSES + 1))
    above = b"".join(described(f"C{n}") + END for n in range(java_stream.MOST_SUPERCLASSES + 2)) + NULL
    node = described("Node", 8, fields=b"L\x00\x04next\x74\x00\x06LNode;", count=1) + END + NULL
    deep = b"\x73" + node + (b"\x73" + FIRST) * (java_stream.MOST_NESTED + 2)
    for data in (many, above, deep):
        with pytest.raises(MalformedStream):
            classes_of(HEAD + data)


def test_lengths_make_no_memory() -> None:
    """An array is said to have two thousand million elements; nothing is kept for them."""
    size = b"\x7f\xff\xff\xff"
    for name in ("[J", "[Ljava.lang.Object;"):
        assert not classes_of(HEAD + b"\x75" + a_class(name) + size + NULL * 10).whole


@settings(max_examples=400, deadline=None)
@given(data=st.data())
def test_mutations_raise_nothing_else(data: st.DataObject) -> None:
    """Real streams with octets changed, cut, doubled: a result or `MalformedStream`."""
    stream = bytearray(data.draw(st.sampled_from([stream for _, stream in STREAMS.values() if len(stream) < 4000])))
    for _ in range(data.draw(st.integers(1, 8))):
        if not stream:
            break
        at = data.draw(st.integers(0, len(stream) - 1))
        piece = data.draw(st.one_of(st.binary(max_size=4), st.sampled_from(PIECES)))
        stream[at : at + data.draw(st.integers(0, 4))] = piece
    try:
        seen = classes_of(bytes(stream))
    except MalformedStream:
        return
    assert all(isinstance(uid, int) for uid in seen.classes.values())


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=300))
def test_noise_raises_nothing_else(noise: bytes) -> None:
    """Anything behind the magic number."""
    with suppress(MalformedStream):
        assert classes_of(HEAD + noise).classes is not None
