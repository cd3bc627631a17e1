"""Folders of session files, searched for the file of a session."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING
from urllib.parse import quote

from sessiondoctor.errors import Unavailable
from sessiondoctor.evidence.stores.located import Place
from sessiondoctor.formats.wrapped_value import wrapped_encoding
from sessiondoctor.stores.contract import Keyspaces
from sessiondoctor.stores.files.names import declared_paths, known_paths, layout_of
from sessiondoctor.stores.files.walk import Entry, Listing, aside, folder_of, head_of, insist_on_folder, ordinary, walk
from sessiondoctor.stores.keys import printable

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from contextlib import AsyncExitStack

    from sessiondoctor.context import Context
    from sessiondoctor.stores.contract import Source


@dataclass(frozen=True, slots=True)
class StoredFile:
    """A file that holds a session. `prefix` is what stands before the id in its name."""

    keyspace: FileKeyspace
    entry: Entry = field(repr=False)
    prefix: str

    @property
    def secret(self) -> str:
        """The name of the file."""
        return self.entry.name

    async def ttl_s(self) -> float | None:
        """-1: a file has no expiry of its own; None if it is gone."""
        path = self.entry.path
        return -1.0 if await aside(self.keyspace.label, lambda: ordinary(path)) else None

    async def place(self) -> Place:
        """All there is to say of the file."""
        keyspace, path = self.keyspace, self.entry.path
        now, head = await aside(keyspace.label, lambda: (ordinary(path), head_of(path)))
        layout = layout_of(self.entry.name, ())
        return Place(
            store=keyspace.store,
            endpoint=keyspace.label,
            home=keyspace.label,
            prefix=printable(self.prefix),
            layout=layout.product if layout else "unknown",
            encoding=wrapped_encoding(head) if head else "",
            ttl_s=None,
            size_bytes=(now or self.entry).size,
            on_disk=True,
            timeless=True,
        )


@dataclass(slots=True)
class FileKeyspace:
    """One folder, and those below it. `listing` is what the first search for a part of a name saw."""

    store: str
    folder: str
    listing: Listing | None = field(default=None, repr=False)

    @property
    def label(self) -> str:
        """The folder."""
        return self.folder

    async def declared(self, ids: Sequence[str], patterns: Sequence[str]) -> StoredFile | None:
        """The file of a declared pattern that holds one of these ids."""
        return await self._exactly(declared_paths(ids, patterns))

    async def known(self, ids: Sequence[str]) -> StoredFile | None:
        """The file under which a known product keeps one of these ids."""
        return await self._exactly(known_paths(ids))

    async def scan(self, ids: Sequence[str]) -> StoredFile | None:
        """A file whose name contains one of these ids, as it is or URL-encoded.

        Raises:
            Unavailable: there is none among those that could be looked at.
        """
        texts = [
            re.escape(form)
            for text in ids
            for form in dict.fromkeys((text, quote(text, safe="", errors="surrogateescape")))
        ]
        pattern = re.compile("|".join(texts))
        listing = await self._listed()
        for entry in listing.entries:
            if found := pattern.search(entry.name):
                return StoredFile(self, entry, entry.name[: found.start()])
        if not listing.whole:
            raise Unavailable(f"{self.folder} has more files than can be searched")
        return None

    async def _listed(self) -> Listing:
        if self.listing is None:
            self.listing = await aside(self.folder, lambda: walk(self.folder))
        return self.listing

    async def _exactly(self, names: Iterable[tuple[str, str]]) -> StoredFile | None:
        return await aside(self.folder, lambda: next(filter(None, map(self._spot, names)), None))

    def _spot(self, name: tuple[str, str]) -> StoredFile | None:
        entry = ordinary(os.path.join(self.folder, name[0]))  # noqa: PTH118 - the names are checked by `names.safe`
        return StoredFile(self, entry, name[1]) if entry else None


async def keyspaces(sources: Sequence[Source], ctx: Context, stack: AsyncExitStack) -> Keyspaces:
    """Every folder; one that is declared under several names is searched once.

    Raises:
        Unavailable: not one can be searched.
    """
    del ctx, stack
    found: dict[tuple[int, int], FileKeyspace] = {}
    troubles = []
    for source in sources:
        try:
            keyspace = FileKeyspace(source.store, folder_of(source.urls[0]))
            identity = await aside(keyspace.folder, partial(_identity, keyspace.folder))
            found.setdefault(identity, keyspace)
        except Unavailable as trouble:
            troubles.append(trouble)
    if not found:
        raise troubles[0] if troubles else Unavailable("no folder of session files is declared")
    return Keyspaces(tuple(found.values()), troubles[-1].reason if troubles else "")


def _identity(folder: str) -> tuple[int, int]:
    insist_on_folder(folder)
    seen = os.stat(folder)  # noqa: PTH116 - beside `insist_on_folder`
    return seen.st_dev, seen.st_ino
