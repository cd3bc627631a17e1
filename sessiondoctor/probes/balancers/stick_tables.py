"""HAProxy's stick tables: `judge` reads what `show table` printed; a scan has none."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sessiondoctor.evidence.balancers.stick_tables import StickTables
from sessiondoctor.probes.contract import Absent, Probe

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sessiondoctor.context import Options
    from sessiondoctor.topology.model import Topology


def plan(_topology: Topology, _options: Options) -> Iterator[Probe | Absent]:
    """Nothing to ask."""
    yield Absent(StickTables, "site", "no stick table was given", "give the output of HAProxy's `show table NAME`")
