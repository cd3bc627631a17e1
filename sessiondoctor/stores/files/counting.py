"""A census of session files, and what their folder and its file system are like."""

from __future__ import annotations

import os
import time
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sessiondoctor.evidence.stores.census import Census, Group
from sessiondoctor.evidence.stores.session_folders import SessionFolder
from sessiondoctor.formats.session_value import Layout
from sessiondoctor.formats.wrapped_value import wrapped_encoding
from sessiondoctor.stores.files.names import layout_of
from sessiondoctor.stores.files.walk import Entry, aside, folder_of, head_of, insist_on_folder, walk
from sessiondoctor.stores.keys import printable
from sessiondoctor.stores.summary import quantiles

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sessiondoctor.context import Context
    from sessiondoctor.stores.files.walk import Listing
    from sessiondoctor.topology.model import Store

_GROUPS = 20
_LOOKED_INTO = 20
_UNUSED_S = 30 * 86_400


@dataclass(slots=True)
class _Tally:
    """The files of one product and prefix."""

    layout: Layout
    entries: list[Entry] = field(default_factory=list)

    def group(self, seen: int) -> Group:
        """As evidence, beside the number of all files. When a session ends is not in the file system."""
        heads = [head_of(entry.path) for entry in self.entries[:_LOOKED_INTO]]
        return Group(
            product=self.layout.product,
            prefix=printable(self.layout.prefix),
            keys=len(self.entries),
            share=round(len(self.entries) / seen, 4),
            ttl_s=None,
            without_ttl=0,
            size_bytes=quantiles(entry.size for entry in self.entries),
            types={"file": len(self.entries)},
            encodings=dict(Counter(wrapped_encoding(head) for head in heads if head)),
        )


async def take(store: Store, ctx: Context) -> Census:
    """Counts the session files in a folder.

    Raises:
        Unavailable: it is not on this machine, may not be read, or does not answer.
    """
    folder = folder_of(store.url[0])
    patterns = [store.keys, *(node.keys for node in ctx.topology.nodes if node.store == store.name)]
    return await aside(folder, lambda: _census(store.name, walk(folder), [text for text in patterns if text]))


async def look(store: Store, ctx: Context) -> SessionFolder:
    """What the folder and its file system are like.

    Raises:
        Unavailable: it is not on this machine, may not be read, or does not answer.
    """
    folder = folder_of(store.url[0])
    patterns = [text for text in (store.keys, *(node.keys for node in ctx.topology.nodes)) if text]
    return await aside(folder, lambda: _folder(store.name, folder, patterns))


def _census(store: str, listing: Listing, patterns: Sequence[str]) -> Census:
    tallies = _tallies(listing.entries, patterns)
    seen = len(listing.entries)
    return Census(
        store=store,
        database=0,
        total_keys=seen,
        sampled=seen,
        exact=listing.whole,
        groups=tuple(tally.group(seen) for tally in tallies[:_GROUPS]),
    )


def _tallies(entries: Iterable[Entry], patterns: Sequence[str]) -> list[_Tally]:
    """The largest first."""
    tallies: dict[tuple[str, str], _Tally] = {}
    for entry in entries:
        if layout := layout_of(entry.name, patterns):
            tallies.setdefault((layout.product, layout.prefix), _Tally(layout)).entries.append(entry)
    return sorted(tallies.values(), key=lambda tally: -len(tally.entries))


def _folder(store: str, folder: str, patterns: Sequence[str]) -> SessionFolder:
    insist_on_folder(folder)
    system = os.statvfs(folder)
    entries, whole = _listed(folder)
    old = time.time() - _UNUSED_S
    sessions = [entry for tally in _tallies(entries, patterns) for entry in tally.entries]
    return SessionFolder(
        store=store,
        folder=folder,
        files=len(entries),
        exact=whole,
        sessions=len(sessions),
        stale=sum(entry.written < old for entry in sessions),
        free_bytes=system.f_bavail * system.f_frsize,
        inodes=system.f_files,
        free_inodes=system.f_favail,
    )


def _listed(folder: str) -> tuple[tuple[Entry, ...], bool]:
    """Nothing of a folder that may not be listed: its file system can be looked at all the same."""
    try:
        listing = walk(folder)
    except OSError:
        return (), False
    return listing.entries, listing.whole
