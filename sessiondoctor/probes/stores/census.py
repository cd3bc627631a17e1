"""A census of the sessions in each declared store."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Final

from sessiondoctor.evidence.stores.census import Census
from sessiondoctor.probes.contract import Absent, Probe
from sessiondoctor.probes.stores.absences import unseen
from sessiondoctor.stores.contract import kind_named, peers

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sessiondoctor.context import Options
    from sessiondoctor.topology.model import Topology


_SAMPLE_S = 30.0
_WORDS: Final = {
    "sample": "a count of the sessions in it, by a random sample",
    "full": "a count of all sessions in it, with up to four commands more for each key",
}


def plan(topology: Topology, options: Options) -> Iterator[Probe | Absent]:
    """One probe a store."""
    words = _WORDS[options.census]
    patience = options.deadline_s if options.census == "full" else _SAMPLE_S
    yield from unseen(topology, Census)
    for store in topology.stores:
        if store.url and (kind := kind_named(store.kind)):
            contacts = dict.fromkeys(peers(store.kind, store.url), kind.COST.census)
            yield Probe(Census, store.name, words, contacts, partial(kind.census, store), timeout_s=patience)
