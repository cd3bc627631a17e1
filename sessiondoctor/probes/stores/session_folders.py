"""Stores of session files: what their folder and its file system are like."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from sessiondoctor.evidence.stores.session_folders import SessionFolder
from sessiondoctor.probes.contract import Absent, Probe
from sessiondoctor.probes.stores.absences import declare
from sessiondoctor.stores.declared import looked_at
from sessiondoctor.stores.files.counting import look
from sessiondoctor.stores.files.walk import MOST_FILES, places

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sessiondoctor.context import Options
    from sessiondoctor.topology.model import Topology


def plan(topology: Topology, _options: Options) -> Iterator[Probe | Absent]:
    """One probe a folder: declared, or told to a node."""
    stores = [store for store in looked_at(topology) if store.kind == "files"]
    if not stores:
        hint = declare(topology, "files", "kind: files, url: file:///folder")
        yield Absent(SessionFolder, "site", "no folder of session files is declared as a store", hint)
    for store in stores:
        contacts = dict.fromkeys(places(store.url), MOST_FILES)
        yield Probe(SessionFolder, store.name, "its folder and free space", contacts, partial(look, store))
