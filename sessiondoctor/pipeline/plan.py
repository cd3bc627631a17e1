"""What a scan would ask: the probes that the chosen checks need, how often each peer is contacted, what is left out."""

from __future__ import annotations

import importlib
from collections import Counter
from dataclasses import dataclass, fields, is_dataclass
from typing import TYPE_CHECKING, Any

from sessiondoctor import api
from sessiondoctor.errors import CatalogueError
from sessiondoctor.evidence.logs import Log
from sessiondoctor.probes.contract import Absent, Planner, Probe
from sessiondoctor.topology.model import Topology

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from sessiondoctor.catalogue.check_files import Check
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
    asked = {need.evidence for check in checks for need in check.needs if need.evidence is not Topology}
    wanted = asked | {Log}
    planned: dict[type[Any], tuple[Probe | Absent, ...]] = {}
    while wanted:
        kind = min(wanted, key=lambda k: k.__qualname__)
        planned[kind] = tuple(entry for entry in _entries(kind, topology, options) if entry.evidence is kind)
        needed = {need for entry in planned[kind] if isinstance(entry, Probe) for need in entry.needs}
        wanted = (wanted | needed) - planned.keys()
    entries = [entry for kind in sorted(planned, key=lambda k: k.__qualname__) for entry in planned[kind]]
    return Plan(
        probes=tuple(entry for entry in entries if isinstance(entry, Probe)),
        absent=tuple(
            one for one in entries if isinstance(one, Absent) and (one.evidence in asked or one.evidence is not Log)
        ),
    )


def _entries(kind: type[Any], topology: Topology, options: Options) -> Iterator[Probe | Absent]:
    """Asks the probe module of a kind of evidence.

    Raises:
        CatalogueError: nothing collects it.
    """
    planner = _planner(kind)
    entries = tuple(planner(topology, options)) if planner else ()
    if planner is None or (entries and not any(entry.evidence is kind for entry in entries)):
        ask = " or ".join(_holders(kind)) or "the evidence that holds it"
        raise CatalogueError(f"a check asks for {kind.__name__}, which is a part of other evidence; ask for {ask}")
    yield from entries


def _planner(kind: type[Any]) -> Planner | None:
    """The function `plan` of the probe module in the same room, of the same name, as the evidence's module."""
    name = kind.__module__.replace("sessiondoctor.evidence.", "sessiondoctor.probes.", 1)
    try:
        module = importlib.import_module(name)
    except ModuleNotFoundError as error:
        if error.name and name.startswith(error.name):
            return None
        raise
    planner: Planner | None = getattr(module, "plan", None)
    return planner


def _holders(kind: type[Any]) -> list[str]:
    """Evidence that is collected and has fields of this type."""
    shown = (getattr(api, name) for name in api.__all__)
    kinds = [value for value in shown if isinstance(value, type) and is_dataclass(value)]
    holding = [each for each in kinds if any(kind.__name__ in str(part.type) for part in fields(each))]
    return sorted(each.__name__ for each in holding if each is not kind and _planner(each))
