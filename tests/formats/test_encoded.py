from __future__ import annotations

import base64

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sessiondoctor.formats.encoded import ascii_lower, base64_octets, octets, unescaped

QUICK = settings(max_examples=60, deadline=None)


@QUICK
@given(data=st.binary(max_size=200), url_safe=st.booleans(), padded=st.booleans())
def test_base64_of_either_alphabet_reads_back(data: bytes, *, url_safe: bool, padded: bool) -> None:
    """Padding and alphabet differ between frameworks; the octets do not."""
    text = (base64.urlsafe_b64encode if url_safe else base64.b64encode)(data).decode()
    assert base64_octets(text if padded else text.rstrip("=")) == data


@pytest.mark.parametrize("text", ["a", "a b=", "YWJj\n", "Y=Wj", "é===", "!!!!"])
def test_what_is_no_base64_gives_nothing(text: str) -> None:
    """Other characters are an error, not skipped."""
    assert base64_octets(text) == b""


@pytest.mark.parametrize(
    ("value", "bare"),
    [
        ('"a b"', "a b"),
        ('"', '"'),
        ("s%3Aa%2Bb", "s:a+b"),
        ("a+b", "a+b"),
        ("100%", "100%"),
        ("%2525", "%25"),
        ('""', ""),
    ],
)
def test_a_value_is_unescaped_once(value: str, bare: str) -> None:
    """Quotes go, percent-encoding goes, a plus stays."""
    assert unescaped(value) == bare


def test_octets_are_those_of_the_wire() -> None:
    """Latin-1 where it fits, and never an error."""
    assert [len(octets(text)) for text in ("abc", "é", "€", "\ud800")] == [3, 1, 3, 3]


def test_only_ascii_letters_are_lowered() -> None:
    """The Kelvin sign would become a k."""
    assert ascii_lower("SAMESITE \u212a É") == "samesite \u212a É"
