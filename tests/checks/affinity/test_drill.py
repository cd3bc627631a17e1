from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.checks.build import topology
from tests.checks.cases import FAIL, NOT, PASS, UNSURE, Case, case, verify
from tests.checks.evidence.drills import AWAY, DRAINED, HOME, drill, looked

if TYPE_CHECKING:
    from tests.checks.conftest import Judge

LOST = looked(AWAY, "lllkk", "maint")
ROUND_ROBIN = looked(AWAY, "kkkkk")

CASES = [
    case("session-lost-with-node", FAIL, drill(DRAINED, LOST), topology("sticky"), says="3 of 3 sessions of app1 are lost"),
    case("session-lost-with-node", FAIL, drill(looked(AWAY, "lllkk", "drain")), topology("sticky")),
    case("session-lost-with-node", FAIL, drill(LOST), topology("external"), says="meant to be in a store outside"),
    case("session-lost-with-node", FAIL, drill(LOST), topology("replicated"), says="meant to be on other nodes"),
    case("session-lost-with-node", PASS, drill(), topology("external"), says="3 of 3 sessions of app1 survive on other nodes"),
    case("session-lost-with-node", UNSURE, drill(DRAINED), topology("sticky"), says="no client of app1 came to another node"),
    case("session-lost-with-node", UNSURE, drill(looked("- - - app2 app3", "???kk", "stop")), topology("sticky")),
    case("session-lost-with-node", UNSURE, drill(LOST, before=looked(HOME, "lklkk")), topology("sticky"),
         says="not kept even while all nodes are in service"),
    case("session-lost-with-node", UNSURE, drill(stages=(), trouble="it does not obey"), topology("sticky"), says="does not obey"),
    case("drain-moves-clients", FAIL, drill(looked(AWAY, "kkkkk", "drain")), says="3 of 3 clients of app1 are moved 0.4 s after"),
    case("drain-moves-clients", PASS, drill(), says="stay there while it drains"),
    case("drain-moves-clients", NOT, drill(before=ROUND_ROBIN), says="not kept on nodes"),
    case("drain-moves-clients", UNSURE, drill(looked("- - - app2 app3", "???kk", "drain"))),
    case("drain-moves-clients", NOT, drill(LOST)),
    case("node-loss-moves-others", FAIL, drill(looked("app2 app3 app2 app3 app2", "lllll", "maint")), says="2 lose their session"),
    case("node-loss-moves-others", PASS, drill(LOST)),
    case("node-loss-moves-others", PASS, drill(looked("app2 app3 app2 app3 app2", "kkkkk", "maint"))),
    case("node-loss-moves-others", UNSURE, drill(looked("app2 app3 app2 - -", "kkk??", "maint")), says="no answer told"),
    case("node-loss-moves-others", UNSURE, drill(looked("app2 app3 app2 - app3", "kkklk", "maint")), says="seen to be moved"),
    case("node-loss-moves-others", UNSURE, drill(before=looked(HOME, "kkkll"))),
    case("node-loss-moves-others", NOT, drill(before=ROUND_ROBIN)),
    case("errors-when-node-leaves", FAIL, drill(looked(AWAY, "kkkkk", "stop", errors={"503": 4, "no answer": 1})),
         says="stop: 4 x 503, 1 x no answer of 60 within 2 s"),
    case("errors-when-node-leaves", PASS, drill(), says="none of 120 requests"),
    case("errors-when-node-leaves", UNSURE, drill(before=looked(HOME, "kkkkk", errors={"500": 1})), says="while all nodes"),
    case("errors-when-node-leaves", UNSURE, drill(stages=())),
    case("node-not-put-back", FAIL, drill(proof="", trouble="HAProxy does not answer"), says="by hand: systemctl start app1"),
    case("node-not-put-back", PASS, drill(), says="app1 is back"),
]  # fmt: skip


@pytest.mark.parametrize("one", CASES)
def test_drill(one: Case, judge: Judge) -> None:
    """Each check fails, passes and says when it cannot tell."""
    verify(one, judge)
