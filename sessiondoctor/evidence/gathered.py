"""All evidence of one scan, and what could not be had."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Piece:
    """The answer to one planned question. Exactly one of `value` and the reasons is set.

    Attributes:
        unavailable: the probe could not look, and why.
        absent: the component is not declared; `hint` says what to add.
        skipped: there was no time, or the user interrupted.
        crash: the probe itself failed: a traceback, a bug of ours.
    """

    kind: type[Any]
    subject: str
    value: Any = None
    unavailable: str = ""
    absent: str = ""
    skipped: str = ""
    crash: str = ""
    hint: str = ""


@dataclass(frozen=True, slots=True)
class Gathered:
    """Pieces in the order of the plan; `interrupted` and `cut` (the deadline) make a report incomplete.

    Attributes:
        refusals: how many responses were a 429 or a 503, as `host:port 429`: they slow the scan down.
    """

    pieces: tuple[Piece, ...]
    interrupted: bool = False
    cut: bool = False
    refusals: Mapping[str, int] = field(default_factory=dict)

    def of(self, kind: type[Any]) -> tuple[Piece, ...]:
        """The pieces of one kind of evidence."""
        return tuple(piece for piece in self.pieces if piece.kind is kind)
