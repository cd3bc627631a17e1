"""Which keys of a store are session keys: by a known layout, or by the pattern that the user declares."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

from sessiondoctor.formats.session_shapes import UUID
from sessiondoctor.formats.session_value import Layout, layout_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sessiondoctor.topology.model import Topology

LONGEST_KEY = 200
"""Octets of a session key; a longer key is something else, and slow to match."""

_MOST_KNOWN = 1000
_PLAIN_ID = re.compile(rf"(.*:)(?:{UUID}|(?!expir|[0-9]+\Z)[0-9A-Za-z]{{20,35}})".encode(), re.DOTALL).fullmatch
_GLOB = re.compile(r"[*?\[\\]")
# What frameworks put before the id unless they are told otherwise; see formats.session_value.
_PREFIXES = (
    "sess:", "spring:session:sessions:", "session:", ":1:django.contrib.sessions.cache",
    ":1:django.contrib.sessions.cached_db", "PHPREDIS_SESSION:", "redisson:tomcat_session:", "_session_id:", "",
)  # fmt: skip


def text_of(key: bytes) -> str:
    """A key as text; octets that are no UTF-8 become surrogate escapes."""
    return key.decode("utf-8", "surrogateescape")


def printable(text: str) -> str:
    """Text that may stand in evidence: what is no UTF-8, or moves a terminal's cursor, is shown escaped."""
    shown = text.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
    return "".join(one if one.isprintable() else one.encode("unicode_escape").decode("ascii") for one in shown)


def session_layout(key: bytes, patterns: Iterable[str] = ()) -> Layout | None:
    """Whose session key (or helper key) this is; `declared` if only one of the declared patterns says so."""
    if len(key) > LONGEST_KEY:
        return None
    text = text_of(key)
    known = layout_of(text)
    if known and known.product != "unknown":
        return known
    declared = next((pattern for pattern in patterns if _regex(pattern).fullmatch(text)), "")
    return _declared(declared) if declared else known


class Sorter:
    """Tells the layouts of a million keys: what was found for one key holds for the next that differs in its id only.

    No pattern of a known layout tells one UUID from another behind the same colon, nor one run of 20 to 35 letters and
    digits, but for that of Spring's `expirations` and their digits. A declared pattern may: what only such a one could
    decide is looked at anew.
    """

    def __init__(self, patterns: Iterable[str] = ()) -> None:
        self._patterns = tuple(patterns)
        self._known: dict[tuple[bytes, int], Layout | None] = {}

    def layout(self, key: bytes) -> Layout | None:
        """As `session_layout` says."""
        match = _PLAIN_ID(key)
        if not match:
            return session_layout(key, self._patterns)
        like = (match[1], len(key))
        try:
            return self._known[like]
        except KeyError:
            found = session_layout(key, self._patterns)
        certain = found and found.product not in {"unknown", "declared"}
        if len(self._known) < _MOST_KNOWN and (certain or not self._patterns):
            self._known[like] = found
        return found


@lru_cache(maxsize=64)
def _declared(pattern: str) -> Layout:
    return Layout("declared", prefix_of(pattern), "other")


def prefix_of(pattern: str) -> str:
    """What keys of a declared pattern start with: `sess:` of `sess:*`; a text without wildcards is a prefix itself."""
    return _GLOB.split(pattern, maxsplit=1)[0]


def patterns(topology: Topology) -> tuple[str, ...]:
    """Every declared pattern of session keys."""
    declared = [*(store.keys for store in topology.stores), *(node.keys for node in topology.nodes)]
    return tuple(dict.fromkeys(pattern for pattern in declared if pattern))


def candidates(ids: Sequence[str], declared: Sequence[str]) -> list[tuple[bytes, str]]:
    """Keys of the declared patterns that hold these ids, and their prefixes."""
    found = []
    for pattern in declared:
        prefix = prefix_of(pattern)
        simple = re.fullmatch(r"[^*?\[\\]*\*([^*?\[\\]*)", pattern)
        found += [(_octets(prefix + text + (simple[1] if simple else "")), prefix) for text in ids]
    return found


def guesses(ids: Sequence[str], prefixes: Sequence[str] = _PREFIXES) -> list[tuple[bytes, str]]:
    """Keys under which known products keep these ids, and their prefixes."""
    return [(_octets(prefix + text), prefix) for prefix in prefixes for text in ids]


def _octets(text: str) -> bytes:
    return text.encode("utf-8", "surrogateescape")


def escaped(text: str) -> bytes:
    """Text for SCAN MATCH in which nothing is a wildcard."""
    return re.sub(r"([*?\[\]\\^-])", r"\\\1", text).encode("utf-8", "surrogateescape")


@lru_cache(maxsize=64)
def _regex(pattern: str) -> re.Pattern[str]:
    """A pattern of Redis as a regular expression; a set `[...]` is taken for any character.

    What stands between two stars is taken where it first comes (an atomic group), which is as good as any other place:
    so the time is linear in the key, which may be megabytes.
    """
    if not _GLOB.search(pattern):
        return re.compile(re.escape(pattern) + ".+", re.DOTALL)
    parts = re.findall(r"\\.|\*+|\?|\[[^\]]*\]|.", pattern, re.DOTALL)
    segments = [""]
    for part in parts:
        if part[0] == "*":
            segments.append("")
        else:
            segments[-1] += _translated(part)
    first, *middle = segments[:-1] or [""]
    between = "".join(f"(?>.*?{segment})" for segment in middle)
    rest = f".*{segments[-1]}" if len(segments) > 1 else segments[0]
    return re.compile(first + between + rest, re.DOTALL)


def _translated(part: str) -> str:
    if part == "?" or (part[0] == "[" and len(part) > 1):
        return "."
    return re.escape(part[-1])
