"""One node asked again and again, where sessions are lost: each time, at once, from another address."""

from __future__ import annotations

from dataclasses import dataclass

from sessiondoctor.evidence.nodes.replay import CellState


@dataclass(frozen=True, slots=True)
class Tried:
    """A session written on a node and read there over the same connection.

    Attributes:
        at_once: the state right after the write was answered, redirects followed.
        later: the state half a second later; `unknown` if it was there at once.
    """

    at_once: CellState
    later: CellState = "unknown"


@dataclass(frozen=True, slots=True)
class SameNode:
    """What nodes do with sessions of their own; no balancer and no other node has a part in it.

    Attributes:
        looks: by node, the states of one session, read several times over new connections with its first cookies;
            nothing where nobody was asked, because no state was lost anywhere.
        tries: of one node, sessions read right after they were written.
        node: that node; it was asked about addresses, too.
        same_address: the state of a session for a client whose forwarded address is that of its maker.
        other_address: the state for another forwarded address (`X-Forwarded-For`).
        same_again: the state for the first address afterwards.
    """

    looks: dict[str, tuple[CellState, ...]]
    tries: tuple[Tried, ...] = ()
    node: str = ""
    same_address: CellState = "unknown"
    other_address: CellState = "unknown"
    same_again: CellState = "unknown"

    @property
    def called_for(self) -> bool:
        """Whether nodes were asked at all."""
        return bool(self.looks)

    @property
    def undecided(self) -> tuple[str, ...]:
        """The nodes that knew a session at some requests and not at others."""
        return tuple(node for node, states in self.looks.items() if {"kept", "lost"} <= set(states))
