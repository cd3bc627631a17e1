"""What else was seen to happen when a session was lost: a coincidence in time, said as such."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sessiondoctor.experiments.watch.memory import Kept
    from sessiondoctor.experiments.watch.seen import Change, Kind, SessionSeen

Reason = Literal[
    "move", "deploy", "node-down", "store-restart", "store-emptied", "eviction", "clock", "expiry", "unknown"
]

_NODES: Final[tuple[tuple[Reason, tuple[Kind, ...], str], ...]] = (
    ("deploy", ("deployed",), "across the deploy of {}"),
    ("node-down", ("node-down", "node-up", "balancer", "node-left"), "when {} was down"),
)
_REST: Final[tuple[tuple[Reason, tuple[Kind, ...], str], ...]] = (
    ("store-restart", ("store-restarted",), "across the restart of {}"),
    ("store-emptied", ("store-emptied",), "when {} was emptied"),
    ("eviction", ("evicted",), "while {} evicted keys"),
    ("deploy", ("deployed",), "across the deploy of {}"),
    ("clock", ("clock-stepped", "here"), "when the clock of {} stepped"),
)
_SECOND = 1.0


@dataclass(frozen=True, slots=True)
class Loss:
    """A session that is gone: of which node, and what happened meanwhile, as a word and in words."""

    node: str
    reason: Reason
    words: str


def loss_of(seen: SessionSeen, kept: Kept, recent: Sequence[Change], at: float) -> Loss:
    """What happened since the session was last there."""
    home = seen.before
    if seen.at_home:
        return Loss(home, "move", f"on {seen.node}, where it was led; {home} still has it")
    meanwhile = [one for one in recent if one.at >= kept.read_at - _SECOND]
    of_nodes = [one for one in meanwhile if one.subject in {home, seen.node}]
    for changes, kinds in ((of_nodes, _NODES), (meanwhile, _REST)):
        for reason, names, words in kinds:
            if one := next((one for one in reversed(changes) if one.kind in names), None):
                return Loss(home, reason, f"{words.format(one.subject)} at {clock(one.at)}")
    if any(cookie.expires_at is not None and cookie.expires_at <= at for cookie in seen.visitor.cookies):
        return Loss(home, "expiry", "after a cookie of theirs had ended")
    if seen.node and home and seen.node != home:
        return Loss(home, "move", f"on {seen.node}, where it was led")
    return Loss(home, "unknown", "; nothing else was seen to change")


def clock(at: float) -> str:
    """A time of day, here."""
    return time.strftime("%H:%M:%S", time.localtime(at))
