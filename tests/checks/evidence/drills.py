"""Drills: one node of three taken out, its sessions in short."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sessiondoctor.evidence.experiments.drill import (
    Drill,
    DrilledSession,
    DrilledSocket,
    DrillStage,
    Fate,
    NodeDrill,
)
from tests.checks.build import STATES

if TYPE_CHECKING:
    from sessiondoctor.evidence.experiments.drill import By

MADE_BY = ("app1", "app1", "app1", "app2", "app3")
"""The nodes that made the sessions of a drill of app1."""


def looked(nodes: str, states: str, by: By | Any = "", **changes: Any) -> DrillStage:
    """`looked("app1 app1 app1 app2 app3", "kkkkk")`: who answered, and whether the state was there."""
    sessions = tuple(
        DrilledSession(home, STATES[state], "" if node == "-" else node, None if node in {home, "-"} else 0.4)
        for home, node, state in zip(MADE_BY, nodes.split(), states, strict=True)
    )
    return DrillStage(by, sessions, 60, **{"seconds": 2.0, **changes})


HOME = "app1 app1 app1 app2 app3"
AWAY = "app2 app3 app2 app2 app3"
DRAINED = looked(HOME, "kkkkk", "drain")


def held(*fates: Fate) -> tuple[DrilledSocket, ...]:
    """Held connections that met these fates."""
    return tuple(DrilledSocket(fate, None if fate == "kept" else 0.1, 1006) for fate in fates)


def drill(*stages: DrillStage, **changes: Any) -> Drill:
    """A drill of app1: healthy, with sessions that survive, unless told otherwise."""
    told: dict[str, Any] = {
        "node": "app1",
        "before": looked(HOME, "kkkkk"),
        "stages": stages or (DRAINED, looked(AWAY, "kkkkk", "maint")),
        "after": looked(AWAY, "kkkkk"),
        "proof": "HAProxy says that app/app1 is in service",
        "by_hand": ("systemctl start app1",),
    }
    return Drill((NodeDrill(**(told | changes)),))
