"""Probes run against the embedded cluster, in the test's own process."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sessiondoctor.context import Context, Options
from sessiondoctor.demo.cluster import cluster
from sessiondoctor.probes.contract import Probe
from sessiondoctor.redact import Redactor
from sessiondoctor.topology.loader import load
from sessiondoctor.wire.client import Wire
from sessiondoctor.wire.message import Limits
from sessiondoctor.wire.pace import Pace

if TYPE_CHECKING:
    from collections.abc import Iterator

Plan = Callable[..., "Iterator[Any]"]


@dataclass(frozen=True, slots=True)
class Asked:
    """What a probe found, what it said it would send at most, and what it sent."""

    evidence: Any
    planned: dict[str, int]
    sent: dict[str, int]
    secret: str


def ask(plan: Plan, fault: str = "none", options: Options | None = None) -> Asked:
    """Plans and runs the first probe of a module for a cluster with this fault."""
    with cluster(fault) as running:
        return asyncio.run(_ask(plan, load(running.topology, {}), options or Options(), running.secret))


async def _ask(plan: Plan, topology: Any, options: Options, secret: str) -> Asked:
    (probe,) = [entry for entry in plan(topology, options) if isinstance(entry, Probe)][:1]
    pace = Pace(None)
    async with Wire(limits=Limits(), pace=pace, resolve=topology.site.resolve) as wire:
        evidence = await probe.ask(Context(topology, options, wire, Redactor(), _nothing, {}))
    return Asked(evidence, dict(probe.contacts), dict(pace.sent), secret)


def _nothing(_kind: type[Any]) -> Awaitable[Any]:
    raise AssertionError("this probe builds on no other")
