"""The logs that the topology declares: `load_balancers[].logs`, `nodes[].logs`."""

from __future__ import annotations

import asyncio
from functools import partial
from typing import TYPE_CHECKING

from sessiondoctor.evidence.logs import Log
from sessiondoctor.probes.contract import Absent, Probe

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sessiondoctor.context import Context, Options
    from sessiondoctor.topology.model import Balancer, Node, Topology


def plan(topology: Topology, _options: Options) -> Iterator[Probe | Absent]:
    """One probe for each file."""
    declared = tuple(declared_logs(topology))
    if not declared:
        yield Absent(Log, "site", "no log is declared", "declare load_balancers[].logs and nodes[].logs")
    for owner, file in declared:
        yield Probe(Log, owner, f"the log {file}", {}, partial(_ask, owner, file))


def declared_logs(topology: Topology) -> Iterator[tuple[str, str]]:
    """Every declared log file with the name of its component."""
    components: tuple[Balancer | Node, ...] = (*topology.load_balancers, *topology.nodes)
    for component in components:
        yield from ((component.name, file) for file in component.logs)


async def _ask(owner: str, file: str, context: Context) -> Log:
    from sessiondoctor.logs.files import read_log

    return await asyncio.to_thread(read_log, file, owner, context.redactor)
