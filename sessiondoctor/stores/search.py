"""Where in the declared stores a session is: by declared patterns, by known layouts, then by a bounded search."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sessiondoctor.errors import Unavailable
from sessiondoctor.stores.contract import Keyspace, kind_named

if TYPE_CHECKING:
    from collections.abc import Sequence
    from contextlib import AsyncExitStack

    from sessiondoctor.context import Context
    from sessiondoctor.stores.contract import Source, StoredSession

_SHORTEST_ID = 8  # shorter texts occur in other keys by chance


@dataclass(slots=True)
class Search:
    """Everything that can be searched.

    Attributes:
        patterns: the declared patterns of session keys.
        blind: why not everything could be searched; while it is empty, a session that is not found is nowhere.
    """

    patterns: tuple[str, ...]
    keyspaces: list[Keyspace] = field(default_factory=list)
    blind: str = ""

    async def open(self, stores: Sequence[Source], ctx: Context, stack: AsyncExitStack) -> None:
        """Connects to the stores; the stack closes the connections.

        Raises:
            Unavailable: not one can be searched.
        """
        problem: Unavailable | None = None
        for name, some in _by_kind(stores).items():
            kind = kind_named(name)
            try:
                opened = await kind.keyspaces(some, ctx, stack) if kind else None
            except Unavailable as trouble:
                problem, self.blind = problem or trouble, trouble.reason
                continue
            if opened:
                self.keyspaces += opened.keyspaces
                self.blind = self.blind or opened.blind
        if not self.keyspaces:
            raise problem or Unavailable("no store that can be searched is declared")

    async def find(self, ids: Sequence[str]) -> list[StoredSession]:
        """Every place that holds the session with one of these ids, at most one a keyspace."""
        # Declared patterns alone at first: an ACL may allow no other keys, and log each that is asked for.
        if stored_sessions := [
            stored for keyspace in self.keyspaces if (stored := await keyspace.declared(ids, self.patterns))
        ]:
            return stored_sessions
        if stored_sessions := [stored for keyspace in self.keyspaces if (stored := await keyspace.known(ids))]:
            return stored_sessions
        return await self._by_scan([text for text in ids if len(text) >= _SHORTEST_ID])

    async def _by_scan(self, ids: Sequence[str]) -> list[StoredSession]:
        if not ids:
            self.blind = "the session id is too short to be searched for"
            return []
        stored_sessions = []
        for keyspace in self.keyspaces:
            try:
                stored_sessions.append(await keyspace.scan(ids))
            except Unavailable as trouble:
                self.blind = trouble.reason
        return [stored for stored in stored_sessions if stored]


def _by_kind(stores: Sequence[Source]) -> dict[str, list[Source]]:
    kinds: dict[str, list[Source]] = defaultdict(list)
    for store in stores:
        kinds[store.kind].append(store)
    return kinds
