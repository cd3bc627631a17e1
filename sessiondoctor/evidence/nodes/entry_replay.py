"""Sessions that were made on nodes directly, then read through the public entry."""

from __future__ import annotations

import math
from dataclasses import dataclass

from sessiondoctor.evidence.nodes.replay import CellState

ENOUGH = 4
"""Looks at sessions of each of several nodes, from which on it means something that none was found."""


@dataclass(frozen=True, slots=True)
class Shown:
    """One session of a node, read through the entry.

    Attributes:
        node: where it was made.
        alone: the state in each of several looks, each with the node's cookies and nothing else.
        bound: the state in each of several looks, one after the other, by a client that also returns what the entry
            has set meanwhile, as a browser would.
        after: the state on its own node afterwards.
    """

    node: str
    alone: tuple[CellState, ...] = ()
    bound: tuple[CellState, ...] = ()
    after: CellState = "unknown"

    @property
    def told(self) -> tuple[CellState, ...]:
        """The looks that say whether the state is there."""
        return tuple(state for state in (*self.alone, *self.bound) if state in {"kept", "lost"})

    @property
    def settled(self) -> tuple[CellState, ...]:
        """The looks by one client after its first, which may have given it to another node for good."""
        return tuple(state for state in self.bound[1:] if state in {"kept", "lost"})

    @property
    def moves(self) -> bool:
        """Whether one client found the session and did not find it, in turn."""
        return len(set(self.settled)) > 1


@dataclass(frozen=True, slots=True)
class EntryReplay:
    """What the entry shows of sessions that nodes know; nothing where nobody asked.

    Attributes:
        shown: one session of each node that was asked.
        nodes: how many nodes answer at the entry, as far as declared.
    """

    shown: tuple[Shown, ...] = ()
    nodes: int = 0

    @property
    def sound(self) -> tuple[Shown, ...]:
        """The sessions that their own node still knew afterwards: nothing else can be said to be lost on the way."""
        return tuple(one for one in self.shown if one.after == "kept" and one.told)

    @property
    def looks(self) -> int:
        """How many looks told anything."""
        return sum(len(one.told) for one in self.sound)

    @property
    def found(self) -> int:
        """How many of them found the state."""
        return sum(one.told.count("kept") for one in self.sound)

    @property
    def never(self) -> bool:
        """Whether the entry never shows what nodes know."""
        return self.looks >= ENOUGH * max(1, min(self.nodes, len(self.shown))) and not self.found

    @property
    def chance_of_never(self) -> float:
        """How likely that is where each look meets any node, and only one of them knows the session."""
        return (1.0 - 1.0 / self.nodes) ** self.looks if self.nodes > 1 else 0.0

    @property
    def moved(self) -> tuple[Shown, ...]:
        """The sessions of clients that met several nodes."""
        return tuple(one for one in self.sound if one.moves)

    @property
    def stays(self) -> bool:
        """Whether every client went on meeting what it met first, some with and some without their session."""
        return bool(self.sound) and not self.moved and 0 < self.found < self.looks

    @property
    def power(self) -> float:
        """How likely it would have shown that clients meet any node."""
        missed = (_alike(self.nodes, len(one.settled)) for one in self.sound)
        return 1.0 - math.prod(missed)


def _alike(nodes: int, looks: int) -> float:
    """The chance that so many looks at random all meet the one node that knows a session, or all another."""
    hit = 1.0 / nodes if nodes else 1.0
    return min(1.0, hit**looks + (1.0 - hit) ** looks)
