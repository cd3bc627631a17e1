"""Evidence for checks of how likely a result is by luck."""

from __future__ import annotations

from sessiondoctor.catalogue.check_files import builtin
from sessiondoctor.catalogue.loader import Catalogue
from sessiondoctor.evidence.entry.visits import Visits
from sessiondoctor.evidence.gathered import Gathered, Piece
from sessiondoctor.pipeline.judge import Judged, judge
from tests.checks.build import cookie, topology, trace

MOVING = trace("app1 app2 app3 app1", "klll")
STAYING = trace("app1 " * 8, "k" * 8)
HELD = trace("app1 " * 5, "k" * 5)
SRV = cookie("affinity")


def judged(check_id: str, seen: Visits) -> Judged:
    """The one finding of a check with its probabilities, where the balancer must keep clients."""
    (check,) = Catalogue((builtin(),)).select([check_id])
    (one,) = judge(check, Gathered((Piece(Visits, "site", seen),)), topology("sticky"))
    return one
