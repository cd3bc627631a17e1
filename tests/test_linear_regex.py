from __future__ import annotations

import time

import pytest

from sessiondoctor.linear_regex import LONGEST_TEXT, compiled, search


@pytest.mark.parametrize("pattern", ["(a+)+$", "(a|a)*$", ".*.*x", "(a*)*b", "a*a*a*a*b", "(?:a.{0,9}){9}x"])
def test_no_pattern_takes_long(pattern: str) -> None:
    """Those that need years or minutes by backtracking."""
    began = time.process_time()
    search(pattern, "a" * LONGEST_TEXT + "!")
    assert time.process_time() - began < 1


def test_it_finds_what_python_finds() -> None:
    """Groups, flags, text that is not ASCII, and half characters, which JSON can have."""
    found = search(r'(?i)NAME="csrf" value="([^"]+)"', '\ud800 ü <input name="csrf" value="ä-1">')
    assert found[1] == "ä-1"
    assert search(r"^b$", "a\nb") is None
    assert search(r"(?m)^b$", "a\nb") is not None


def test_only_the_beginning_of_a_text_is_looked_at() -> None:
    """As the topology's words say."""
    assert search("x", "a" * LONGEST_TEXT + "x") is None


@pytest.mark.parametrize(
    ("pattern", "says"),
    [
        ("(?=x)", "lookahead"), ("(?!x)", "lookahead"), ("(?<=x)y", "lookbehind"), (r"(a)\1", "backreferences"),
        ("(?P<n>a)(?P=n)", "backreferences"), ("(?>a)", "atomic"), ("a++", "possessive"), ("(?#c)a", "comments"),
        ("(?x) a", "flags"), (r"a\Z", r"\\z"), (r"\N{BULLET}", r"\\x\{263a\}"), ("(", "does not compile: missing \\)"),
        ("(.{0,100}a){10}y", "too large"), ("a{1001}", "does not compile"),
    ],
)  # fmt: skip
def test_what_there_is_not_is_named(pattern: str, says: str) -> None:
    """And what to write instead, where there is something; the pattern is not quoted."""
    with pytest.raises(ValueError, match=says):
        compiled(pattern)
    assert search(pattern, "aaaa") is None
