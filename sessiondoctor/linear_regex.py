"""The user's regular expressions, matched by RE2: in time linear in the text, whatever the pattern.

RE2's syntax (https://github.com/google/re2/wiki/Syntax) is Python's but for what needs backtracking.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any

LONGEST_TEXT = 256 * 1024
"""Characters of a response that a pattern is matched against."""

_LARGEST = 2000  # instructions; each may be tried at each character
_MISSING = (
    (re.compile(r"\(\?<?[=!]"), "lookahead and lookbehind, such as (?=...)"),
    (re.compile(r"\\[1-9]|\(\?P=|\\g<"), "backreferences, such as \\1"),
    (re.compile(r"\(\?>|[*+?}]\+"), "atomic groups and possessive quantifiers, such as (?>...) and a++"),
    (re.compile(r"\(\?\("), "conditions, such as (?(1)...)"),
    (re.compile(r"\(\?#"), "comments, such as (?#...)"),
    (re.compile(r"\(\?[a-zA-Z]*[xaLu]"), "the flags x, a, u and L"),
    (re.compile(r"\\Z"), "\\Z; write \\z"),
    (re.compile(r"\\[Nu]"), "\\N and \\u; write \\x{263a}"),
)


@lru_cache(maxsize=64)
def compiled(pattern: str) -> Any:
    r"""A pattern with `search`, for texts of at most `LONGEST_TEXT` characters.

    Raises:
        ValueError: it does not compile; says which construct there is not, and never quotes the pattern.
    """
    import re2

    options = re2.Options()
    options.log_errors = False
    try:
        found = re2.compile(pattern, options)
    except re2.error as error:
        raise ValueError(_why(pattern, error)) from None
    if found.programsize > _LARGEST:
        raise ValueError("is too large; repeat less, such as {1,20} instead of {1,500}")
    return found


def search(pattern: str, text: str) -> Any:
    """The first match in the beginning of a text; None without one, or for a pattern that does not compile."""
    try:
        return compiled(pattern).search(text[:LONGEST_TEXT].encode("utf-8", "replace").decode())
    except ValueError:
        return None


def _why(pattern: str, error: Exception) -> str:
    bare = re.sub(r"\\\\", "", pattern)
    lacking = next((name for construct, name in _MISSING if construct.search(bare)), "")
    if lacking:
        return f"does not compile: it is matched in linear time, without {lacking}"
    said = error.args[0] if error.args else b""
    return f"does not compile: {(said.decode() if isinstance(said, bytes) else str(said)).partition(': ')[0]}"
