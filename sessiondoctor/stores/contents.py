"""What stored values tell without being decoded: their encoding, and which versions of which classes are in them.

The values themselves are forgotten.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sessiondoctor.formats.java_stream import MalformedStream, classes_of
from sessiondoctor.formats.session_value import encoding_of

if TYPE_CHECKING:
    from collections.abc import Sequence

HEAD = 64
"""Octets of a value that tell its encoding."""

LARGE_HEAD = 64 * 1024
"""Octets of a value that are searched for classes."""

_MOST_CLASSES = 500  # of all sessions together
# What compilers write; longer or new client names are left out of reports.
_CLASS_NAME = re.compile(r"[\w.$/-]{1,200}")


@dataclass(frozen=True, slots=True)
class Contents:
    """What some sessions hold.

    Attributes:
        encodings: how many sessions are in which encoding.
        classes: class -> serialVersionUID -> in how many of the sessions that are in Java's own encoding.
    """

    encodings: Counter[str] = field(default_factory=Counter)
    classes: dict[str, dict[int, int]] = field(default_factory=dict)

    def add(self, values: Sequence[bytes]) -> None:
        """Takes one session, its most telling value first; empty values tell nothing."""
        filled = [value for value in values if value]
        if not filled:
            return
        self.encodings[encoding_of(filled[0][:HEAD])] += 1
        for name, uid in {pair for value in filled for pair in _versions(value)}:
            if name in self.classes or len(self.classes) < _MOST_CLASSES:
                versions = self.classes.setdefault(name, {})
                versions[uid] = versions.get(uid, 0) + 1

    def merge(self, other: Contents) -> None:
        """Takes what another one holds."""
        self.encodings.update(other.encodings)
        for name, uids in other.classes.items():
            known = self.classes.setdefault(name, {})
            for uid, count in uids.items():
                known[uid] = known.get(uid, 0) + count

    def versions(self) -> dict[str, int]:
        """Class -> serialVersionUID, for a single session."""
        return {name: next(iter(uids)) for name, uids in self.classes.items()}


def is_java(value: bytes) -> bool:
    """Whether more of this value would tell classes."""
    return encoding_of(value[:HEAD]) == "java"


def _versions(value: bytes) -> list[tuple[str, int]]:
    if not is_java(value):
        return []
    try:
        seen = classes_of(value[:LARGE_HEAD])
    except MalformedStream:
        return []
    return [(name, uid) for name, uid in seen.versions.items() if _CLASS_NAME.fullmatch(name)]
