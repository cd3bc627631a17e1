"""SQL stores: how full their tables of sessions are, and of what."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from sessiondoctor.evidence.stores.session_tables import SessionTables
from sessiondoctor.probes.contract import Absent, Probe
from sessiondoctor.probes.stores.absences import declare
from sessiondoctor.stores.declared import looked_at
from sessiondoctor.stores.sql.address import places
from sessiondoctor.stores.sql.counting import MOST, look

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sessiondoctor.context import Options
    from sessiondoctor.topology.model import Topology


def plan(topology: Topology, _options: Options) -> Iterator[Probe | Absent]:
    """One probe a database: declared, or told to a node."""
    stores = [store for store in looked_at(topology) if store.kind == "sql"]
    if not stores:
        hint = declare(topology, "sql", "kind: sql, url")
        yield Absent(SessionTables, "site", "no SQL database is declared as a store", hint)
    for store in stores:
        contacts = dict.fromkeys(places(store.url), MOST)
        yield Probe(SessionTables, store.name, "how full its tables of sessions are", contacts, partial(look, store))
