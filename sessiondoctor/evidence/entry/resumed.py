"""A throw-away session from before a deploy or a restart, looked at after it (`--leave-session`, `--resume`)."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from sessiondoctor.evidence.nodes.replay import CellState

Stored = Literal["there", "gone", "unknown"]


@dataclass(frozen=True, slots=True)
class Resumed:
    """What became of the session that was left.

    Attributes:
        left_at: unix seconds of its last request.
        age_s: seconds between that and the first look.
        life_s: how long it may stay unused: its time to live in the store, else as declared, else 20 minutes.
        cookie: name of its cookie.
        site: the state in several looks through the public entry, each with the cookies that it was left with.
        nodes: the state by node, asked directly.
        stored: whether its key was still in a declared store before anybody was asked for it; `unknown` where it was
            not found in one when it was left.
        signed: nodes verify its cookie by a secret of theirs before they look the session up.
        holds_state: the state itself is in the cookie.
    """

    left_at: float
    age_s: float
    life_s: float
    cookie: str = ""
    site: tuple[CellState, ...] = ()
    nodes: dict[str, CellState] = field(default_factory=dict)
    stored: Stored = "unknown"
    signed: bool = False
    holds_state: bool = False

    @property
    def states(self) -> tuple[CellState, ...]:
        """All looks that tell."""
        return tuple(state for state in (*self.site, *self.nodes.values()) if state != "unknown")

    @property
    def refused(self) -> tuple[CellState, ...]:
        """Those that found the state gone, or nothing but an error."""
        return tuple(state for state in self.states if state != "kept")

    @property
    def may_have_ended(self) -> bool:
        """Whether it was left alone for so long that it may have ended by itself."""
        return self.age_s >= self.life_s and self.stored != "there"

    @property
    def refusing(self) -> tuple[str, ...]:
        """The nodes that do not know it."""
        return tuple(node for node, state in self.nodes.items() if state in {"lost", "error"})
