"""Regular expressions that are compiled late."""

from __future__ import annotations

import re

import pytest

from sessiondoctor.patterns import regex


def test_it_finds_what_the_compiled_pattern_finds() -> None:
    """Text and bytes, with flags."""
    assert regex("b+", re.IGNORECASE).findall("aBb") == ["Bb"]
    assert regex(b"b+").sub(b"", b"abba") == b"aa"
    assert regex("(?P<x>a)").groupindex == {"x": 1}


def test_it_is_compiled_once_and_not_before(monkeypatch: pytest.MonkeyPatch) -> None:
    """The first question compiles it."""
    compiled: list[str] = []
    compile_ = re.compile

    def noted(text: str, flags: int = 0) -> re.Pattern[str]:
        compiled.append(text)
        return compile_(text, flags)

    monkeypatch.setattr(re, "compile", noted)
    late = regex("a+")
    assert not compiled
    assert late.search("baa")
    assert late.search("caa")
    assert late.match("aa")
    assert compiled == ["a+"]


def test_a_mistake_is_said_when_it_is_used() -> None:
    """By the library itself."""
    with pytest.raises(re.error):
        regex("(").search("")
