"""No input crashes a decoder: the small ones here, and that each has such a test."""

from __future__ import annotations

import re
import zlib
from base64 import b64encode
from pathlib import Path
from typing import get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sessiondoctor.formats.affinity_names import affinity_by_name, is_csrf_name
from sessiondoctor.formats.cloud_names import operator_of
from sessiondoctor.formats.plain_text import decoded
from sessiondoctor.formats.sealed import sealed_by_laravel, sealed_by_rails
from sessiondoctor.formats.session_shapes import SHAPES, spring_id
from sessiondoctor.formats.session_value import Encoding
from sessiondoctor.formats.wrapped_value import HEAD, wrapped_encoding
from sessiondoctor.formats.xml import attribute, parse_xml, text_of
from sessiondoctor.formats.xxh64 import xxh64

QUICK = settings(max_examples=150, deadline=None)
ROOT = Path(__file__).parents[2]
FORMATS = sorted(path.stem for path in (ROOT / "sessiondoctor" / "formats").glob("*.py") if path.stem != "__init__")
TEXTS = st.text() | st.text(st.characters(categories=("Cs", "Cc", "L", "N", "P")))
BASE64 = st.binary(max_size=80).map(lambda data: b64encode(data).decode())
TAGS = st.sampled_from(["<a>", "</a>", "<a b='1'>", "<!DOCTYPE a>", "&x;", "<![CDATA[", "]]>", "<?xml version='1.0'?>"])


@pytest.mark.parametrize("name", FORMATS)
def test_each_decoder_is_given_anything(name: str) -> None:
    """Some test with generated input imports it; a table without functions needs none."""
    source = (ROOT / "sessiondoctor" / "formats" / f"{name}.py").read_text()
    tests = [path.read_text() for path in (ROOT / "tests" / "formats").glob("test_*.py")]
    imports = re.compile(rf"from sessiondoctor\.formats\.{name} import|from sessiondoctor\.formats import .*\b{name}\b")
    assert any("@given" in text and imports.search(text) for text in tests) or "def " not in source


@QUICK
@given(st.binary(max_size=200), st.sampled_from([b"", b"\xff\xfe", b"\xef\xbb\xbf"]))
def test_any_file(content: bytes, mark: bytes) -> None:
    """Lines end in one way, whatever wrote them."""
    assert "\r" not in decoded(mark + content)


@QUICK
@given(TEXTS)
def test_any_name(name: str) -> None:
    """Of a cookie, or of a host."""
    found = affinity_by_name(name)
    assert found is None or found.product
    assert is_csrf_name(name) in {True, False}
    assert len(operator_of(name)) == 2


@QUICK
@given(TEXTS | BASE64)
def test_any_value_has_a_shape_or_none(value: str) -> None:
    """Of each framework."""
    assert {shape.test(value) for shape in SHAPES} <= {True, False}
    assert len(spring_id(value)) == 2


@QUICK
@given(st.lists(TEXTS | BASE64 | st.sampled_from(["--", "="]), max_size=6).map("".join))
def test_anything_is_sealed_or_not(text: str) -> None:
    """Three parts of the right lengths, or none."""
    for found in (sealed_by_rails(text), sealed_by_laravel(text), sealed_by_laravel(b64encode(_utf8(text)).decode())):
        assert found is None or (len(found.nonce), len(found.tag)) == (12, 16)


@QUICK
@given(st.binary(max_size=HEAD) | BASE64.map(str.encode), st.booleans(), st.sampled_from([b"", b".", b"....", b"\x80"]))
def test_any_stored_octets_have_an_encoding(data: bytes, packed: bool, before: bytes) -> None:  # noqa: FBT001 - hypothesis gives it
    """Also cut, compressed, or with something before them."""
    head = before + (b64encode(zlib.compress(data)) if packed else data)
    assert wrapped_encoding(head[:HEAD]) in get_args(Encoding)


@QUICK
@given(st.lists(TEXTS | TAGS, max_size=12).map("".join))
def test_any_text_is_xml_or_not(text: str) -> None:
    """And what is has a text and attributes."""
    for document in (text, f"<r>{text}</r>"):
        root = parse_xml(document)
        if root is not None:
            assert isinstance(text_of(root), str)
            assert isinstance(attribute(root, "b"), str)


@QUICK
@given(st.binary(max_size=200), st.integers(0, 2**64 - 1))
def test_any_octets_have_a_digest(data: bytes, seed: int) -> None:
    """Of 64 bits."""
    assert 0 <= xxh64(data, seed) < 2**64


def _utf8(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")
