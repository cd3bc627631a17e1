"""Judging files: the evidence that is in hand, and nobody is contacted."""

from __future__ import annotations

import os
import shlex
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from sessiondoctor.artefacts.dispatch import InHand, read
from sessiondoctor.artefacts.media import Given
from sessiondoctor.artefacts.source import HEAD
from sessiondoctor.evidence.configs.files import ConfigFile, Configs
from sessiondoctor.evidence.gathered import Gathered, Piece
from sessiondoctor.outcome.bundle import LARGEST, is_bundle, unpack
from sessiondoctor.outcome.proof import proved_by
from sessiondoctor.pipeline.bundles import started_of, topology_in
from sessiondoctor.pipeline.deployed import as_deployed
from sessiondoctor.pipeline.judge import Judged, judge_all
from sessiondoctor.pipeline.scan import Order, redactor_of, report
from sessiondoctor.pipeline.silenced import heeded
from sessiondoctor.redact import scrubbed
from sessiondoctor.topology.model import Topology

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator

    from sessiondoctor.artefacts.source import Source
    from sessiondoctor.model import Report

_HOW = "`sessiondoctor scan URL` asks the site itself"


def judge_files(
    order: Order,
    sources: Iterable[Source],
    only: Collection[str] = (),
    log_format: str = "",
    stopped: Callable[[], bool] = lambda: False,
) -> Report:
    """Judges what the sources hold; `only` those media are read; `log_format` is that of access logs.

    `stopped` ends the reading: what was read until then is judged.
    """
    started_at = datetime.now(tz=UTC)
    sources = tuple(sources)
    bundles = [source for source in sources if is_bundle(source.read(HEAD))]
    if bundles:
        return judge_bundle(order, bundles[0], [source for source in sources if source is not bundles[0]])
    redactor = redactor_of(order.topology, os.environ)
    given = Given(redactor, order.topology, order.catalogue, log_format, stopped)
    found = report(order, _gathered(order, read(sources, given, only)), redactor, started_at)
    return found if order.topology.target else _judged_again(found, order.files)


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


def findings(
    order: Order, sources: Iterable[Source], only: Collection[str], stopped: Callable[[], bool]
) -> tuple[Judged, ...]:
    """The findings alone, without a diagnosis: what a linter needs."""
    redactor = redactor_of(order.topology, os.environ)
    given = Given(redactor, order.topology, order.catalogue, stopped=stopped)
    gathered = scrubbed(_gathered(order, read(sources, given, only)), redactor)
    return heeded(judge_all(order.checks, gathered, as_deployed(order.topology, gathered)), gathered)


def _gathered(order: Order, in_hand: InHand) -> Gathered:
    pieces = tuple(_with_unread(in_hand))
    unasked = _unasked(order, {piece.kind for piece in pieces})
    return Gathered((*pieces, *unasked), interrupted=in_hand.interrupted)


def _with_unread(in_hand: InHand) -> Iterator[Piece]:
    """Files of unknown content stand among the configuration files, so that they are named."""
    unread = tuple(ConfigFile(one.name, one.owner, note=one.reason) for one in in_hand.unread)
    for piece in in_hand.pieces:
        if piece.kind is Configs and unread and not piece.crash:
            known: Configs = piece.value or Configs()
            yield Piece(Configs, piece.subject, replace(known, files=(*known.files, *unread)))
        else:
            yield piece


def _unasked(order: Order, known: Collection[type]) -> Iterator[Piece]:
    """What only a scan can see."""
    wanted = {need.evidence for check in order.checks for need in check.needs} - {Topology, *known}
    for kind in sorted(wanted, key=lambda kind: kind.__qualname__):
        yield Piece(kind, "site", absent="only files were judged", hint=_HOW)
