"""A scan takes no node out; `sessiondoctor drill` does, and hands over what it saw."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sessiondoctor.evidence.experiments.drill import Drill
from sessiondoctor.probes.contract import Absent

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sessiondoctor.context import Options
    from sessiondoctor.topology.model import Topology


def plan(_topology: Topology, _options: Options) -> Iterator[Absent]:
    """Says who can."""
    hint = "`sessiondoctor drill --node NAME --allow disrupt --yes` takes it out, looks, and puts it back"
    yield Absent(Drill, "site", "no node was taken out on purpose", hint)
