"""Judging files: the evidence that is in hand, and nobody is contacted."""

from __future__ import annotations

import os
import shlex
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from sessiondoctor.artefacts.dispatch import read
from sessiondoctor.artefacts.media import AccessLogs, Given
from sessiondoctor.artefacts.source import HEAD
from sessiondoctor.outcome.bundle import LARGEST, is_bundle, unpack
from sessiondoctor.outcome.files_alone import said_of_files
from sessiondoctor.outcome.proof import proved_by
from sessiondoctor.pipeline.bundles import started_of, topology_in
from sessiondoctor.pipeline.in_hand import gathered_of
from sessiondoctor.pipeline.order import Order, redactor_of
from sessiondoctor.pipeline.scan import report

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable

    from sessiondoctor.artefacts.source import Source
    from sessiondoctor.model import Report


def judge_files(
    order: Order,
    sources: Iterable[Source],
    only: Collection[str] = (),
    access: AccessLogs | None = None,
    stopped: Callable[[], bool] = lambda: False,
) -> Report:
    """Judges what the sources hold; `only` those media are read; `access` says how access logs are.

    `stopped` ends the reading: what was read until then is judged.
    """
    started_at = datetime.now(tz=UTC)
    sources = tuple(sources)
    bundles = [source for source in sources if is_bundle(source.read(HEAD))]
    if bundles:
        return judge_bundle(order, bundles[0], [source for source in sources if source is not bundles[0]])
    redactor = redactor_of(order.topology, os.environ)
    given = Given(redactor, order.topology, order.catalogue, access or AccessLogs(), stopped)
    gathered = gathered_of(order, read(sources, given, only))
    found = report(order, gathered, redactor, started_at)
    if order.topology.target:
        return found
    return _judged_again(said_of_files(found, gathered, order.files), order.files)


def _judged_again(found: Report, files: Iterable[str]) -> Report:
    """The report of files alone: whether a fix is right is seen by judging them once more."""
    command = f"sessiondoctor judge {' '.join(map(shlex.quote, files))}".strip()
    return proved_by(found, command)


def judge_bundle(order: Order, source: Source, others: Iterable[Source]) -> Report:
    """Judges what a scan has seen, as that scan would have; with what other files add.

    Raises:
        UsageError: the bundle cannot be read.
    """
    bundle = unpack(source.read(LARGEST), source.name)
    topology = order.topology if order.topology.target else topology_in(bundle)
    symptoms = (*topology.symptoms, *order.topology.symptoms)
    there = replace(order, topology=replace(topology, symptoms=tuple(dict.fromkeys(symptoms))), files=())
    redactor = redactor_of(there.topology, os.environ)
    added = [
        piece
        for piece in read(others, Given(redactor, there.topology, there.catalogue)).pieces
        if piece.value is not None
    ]
    kinds = {piece.kind for piece in added}
    kept = (piece for piece in bundle.gathered.pieces if piece.value is not None or piece.kind not in kinds)
    found = report(there, replace(bundle.gathered, pieces=(*kept, *added)), redactor, started_of(bundle))
    return replace(found, duration_s=bundle.duration_s)
