"""The evidence that files hold, and the findings of a linter. No scan, no diagnosis: `lint` starts in an instant."""

from __future__ import annotations

import os
from dataclasses import replace
from typing import TYPE_CHECKING

from sessiondoctor.artefacts.dispatch import InHand, read
from sessiondoctor.artefacts.media import Given
from sessiondoctor.evidence.configs.files import ConfigFile, Configs
from sessiondoctor.evidence.gathered import Gathered, Piece
from sessiondoctor.pipeline.deployed import as_deployed
from sessiondoctor.pipeline.judge import Judged, judge_all
from sessiondoctor.pipeline.order import redactor_of
from sessiondoctor.pipeline.silenced import heeded
from sessiondoctor.redact import scrubbed
from sessiondoctor.topology.model import Topology

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator

    from sessiondoctor.artefacts.source import Source
    from sessiondoctor.catalogue.check_files import Check
    from sessiondoctor.pipeline.order import Order

_HOW = "`sessiondoctor scan URL` asks the site itself"


def findings(
    order: Order, sources: Iterable[Source], only: Collection[str], stopped: Callable[[], bool]
) -> tuple[Judged, ...]:
    """The findings alone, without a diagnosis: what a linter needs."""
    redactor = redactor_of(order.topology, os.environ)
    given = Given(redactor, order.topology, order.catalogue, stopped=stopped)
    gathered = scrubbed(gathered_of(order, read(sources, given, only)), redactor)
    return heeded(judge_all(order.checks, gathered, as_deployed(order.topology, gathered)), gathered)


def gathered_of(order: Order, in_hand: InHand) -> Gathered:
    """What the files hold, and what only a scan would."""
    pieces = tuple(_with_unread(in_hand))
    unasked = unasked_of(order.checks, {piece.kind for piece in pieces}, "only files were judged", _HOW)
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


def unasked_of(checks: Iterable[Check], known: Collection[type], reason: str, hint: str) -> Iterator[Piece]:
    """What these checks need beside the kinds that are known, and why nobody asked for it."""
    wanted = {need.evidence for check in checks for need in check.needs} - {Topology, *known}
    for kind in sorted(wanted, key=lambda kind: kind.__qualname__):
        yield Piece(kind, "site", absent=reason, hint=hint)
