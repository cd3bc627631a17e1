"""What a scan would ask: the probes that the chosen checks need, how often each peer is contacted, what is left out."""

from __future__ import annotations

import importlib
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sessiondoctor.evidence.logs import Log
from sessiondoctor.probes.contract import Absent, Planner, Probe
from sessiondoctor.topology.model import Topology

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from sessiondoctor.catalogue.loader import Check
    from sessiondoctor.context import Options


@dataclass(frozen=True, slots=True)
class Plan:
    """Probes to run and evidence that this topology cannot give."""

    probes: tuple[Probe, ...]
    absent: tuple[Absent, ...]

    def contacts(self) -> Mapping[str, int]:
        """host:port -> the most requests and commands that go there."""
        total: Counter[str] = Counter()
        for probe in self.probes:
            total.update(probe.contacts)
        return dict(total)


def make_plan(checks: Iterable[Check], topology: Topology, options: Options) -> Plan:
    """Plans each kind of evidence that the checks need, and what their probes build on, once. Contacts nothing."""
    wanted = {need.evidence for check in checks for need in check.needs if need.evidence is not Topology} | {Log}
    planned: dict[type[Any], tuple[Probe | Absent, ...]] = {}
    while wanted:
        kind = min(wanted, key=lambda k: k.__qualname__)
        planned[kind] = tuple(entry for entry in _entries(kind, topology, options) if entry.evidence is kind)
        needed = {need for entry in planned[kind] if isinstance(entry, Probe) for need in entry.needs}
        wanted = (wanted | needed) - planned.keys()
    entries = [entry for kind in sorted(planned, key=lambda k: k.__qualname__) for entry in planned[kind]]
    return Plan(
        probes=tuple(entry for entry in entries if isinstance(entry, Probe)),
        absent=tuple(entry for entry in entries if isinstance(entry, Absent)),
    )


def _entries(kind: type[Any], topology: Topology, options: Options) -> Iterator[Probe | Absent]:
    """Asks the probe module in the same room, of the same name, as the evidence's module."""
    module = importlib.import_module(kind.__module__.replace("sessiondoctor.evidence.", "sessiondoctor.probes.", 1))
    planner: Planner = module.plan
    yield from planner(topology, options)
