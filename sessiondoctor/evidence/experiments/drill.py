"""What was seen while a node was taken out on purpose: `sessiondoctor drill`."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

By = Literal["drain", "maint", "stop"]
"""How a node is taken out: it drains, the balancer sends it nothing at all, or it is stopped."""

Fate = Literal["kept", "cut", "moved"]


@dataclass(frozen=True, slots=True)
class DrilledSession:
    """One session in one stage.

    Attributes:
        home: the node that answered when it was made.
        state: whether what was put into it was there for a client that goes through the balancer: `lost` if one look
            missed it.
        node: who answered last; empty if nobody did, or nothing says who.
        moved_s: seconds until another node than its home answered first; None if none did.
    """

    home: str
    state: Literal["kept", "lost", "unknown"]
    node: str = ""
    moved_s: float | None = None


@dataclass(frozen=True, slots=True)
class DrilledSocket:
    """A connection that was held open by a client of the node that was taken out.

    Attributes:
        fate: it was kept; or it was cut, and another one was opened in its place (`moved`) or not (`cut`).
        after_s: seconds until it ended; None if it did not.
        code: of the closing frame (RFC 6455, section 7.4); 1006 without one; 0 for a body of HTTP.
    """

    fate: Fate
    after_s: float | None = None
    code: int = 0


@dataclass(frozen=True, slots=True)
class DrillStage:
    """All sessions looked at again and again, for some seconds.

    Attributes:
        by: what was done to the node; empty before and after that.
        sessions: in the same order in all stages of a node.
        requests: how many were sent.
        errors: status from 500 on, or `no answer` -> how many of them.
        sockets: held connections; none where no endpoint is declared.
        seconds: how long.
    """

    by: By | Literal[""]
    sessions: tuple[DrilledSession, ...]
    requests: int = 0
    errors: dict[str, int] = field(default_factory=dict)
    sockets: tuple[DrilledSocket, ...] = ()
    seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class NodeDrill:
    """One node, taken out and put back.

    Attributes:
        before: while all nodes were in service.
        stages: while it was out; the gentlest first.
        after: when it was back; None if it was not looked at any more.
        proof: what shows that it is back, as a sentence; empty if nothing does.
        back_s: seconds from the order to that proof.
        by_hand: commands that put it back.
        trouble: why a stage is missing.
    """

    node: str
    before: DrillStage
    stages: tuple[DrillStage, ...] = ()
    after: DrillStage | None = None
    proof: str = ""
    back_s: float = 0.0
    by_hand: tuple[str, ...] = ()
    trouble: str = ""

    @property
    def steady(self) -> tuple[int, ...]:
        """Which sessions of this node were there at each look while all nodes were in service."""
        return self._kept_before(at_home=True)

    @property
    def others(self) -> tuple[int, ...]:
        """Those of the other nodes."""
        return self._kept_before(at_home=False)

    @property
    def is_sticky(self) -> bool:
        """Whether each client met one node only while all were in service."""
        return bool(self.before.sessions) and all(one.moved_s is None and one.node for one in self.before.sessions)

    def stage(self, *ways: By) -> DrillStage | None:
        """The stage in which this was done to the node; None if there was none."""
        return next((stage for stage in self.stages if stage.by in ways), None)

    def _kept_before(self, *, at_home: bool) -> tuple[int, ...]:
        return tuple(
            number
            for number, one in enumerate(self.before.sessions)
            if one.state == "kept" and one.home and (one.home == self.node) == at_home
        )


@dataclass(frozen=True, slots=True)
class Drill:
    """One drill: nodes taken out one after the other, never two at once."""

    nodes: tuple[NodeDrill, ...]
