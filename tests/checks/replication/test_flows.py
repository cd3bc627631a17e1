"""Checks of flows: family replication."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from sessiondoctor.evidence.nodes.step_tests import StepTests
from tests.checks.build import replay, topology, trace, visits
from tests.checks.cases import FAIL, PASS, UNSURE, Case, case, verify
from tests.checks.evidence.flows import ALSO_BOUND, BOUND, steps
from tests.checks.evidence.updates import page_load

if TYPE_CHECKING:
    from tests.checks.conftest import Judge

UNNAMED = trace(" ".join("-" * 18), "k" * 18)
"""A client that lost nothing at a site whose answers name no node."""

CASES = [
    case("session-lost-in-page-load", FAIL, page_load(after="lost", replaced=6), says="6 of 6 answers replaced"),
    case("session-lost-in-page-load", FAIL, page_load(after="lost"), says="is gone after 6 at once"),
    case("session-lost-in-page-load", FAIL, page_load(after="lost"), visits(trace("- -", "kk")), says="is gone"),
    case("session-lost-in-page-load", UNSURE, page_load(after="lost"), visits(trace("- - -", "klk")), says="one request after the other"),
    case("session-lost-in-page-load", PASS, page_load(replaced=6)),
    case("session-lost-in-page-load", UNSURE, page_load(before=2, after="unknown"), says="one request after the other"),
    case("session-lost-in-page-load", UNSURE, page_load(after="unknown")),
    case("flow-refused-across-nodes", FAIL, steps("refused"), visits(trace("- -", "kl")), topology(),
         says="work on app1, and are refused when app1 made the form and app2 received it (POST /login, status 403: CSRF"),
    case("flow-refused-across-nodes", FAIL, steps("accepted", "error"), visits(trace("- -", "kl")), topology()),
    case("flow-refused-across-nodes", PASS, steps("accepted", "unknown"), visits(trace("- -", "kl")), topology(), says="app2 accepts steps that another"),
    case("flow-refused-across-nodes", PASS, steps("refused"), visits(trace("- -", "kl")), topology("sticky"), says="as mode sticky has it"),
    case("flow-refused-across-nodes", PASS, steps("refused"), visits(BOUND, ALSO_BOUND), topology(), says="keeps each user on one"),
    case("replay-lost-elsewhere", PASS, replay("kl lk"), visits(BOUND, ALSO_BOUND), topology(), says="keeps each user on one"),
    case("replay-lost-elsewhere", FAIL, replay("kl lk"), visits(BOUND, ALSO_BOUND), topology("external")),
    case("replay-lost-elsewhere", PASS, replay("kl lk"), visits(UNNAMED), topology(), says="something keeps each user on one"),
    case("replay-lost-elsewhere", FAIL, replay("kl lk"), visits(UNNAMED), topology("external")),
    case("replay-lost-elsewhere", FAIL, replay("kl lk"), visits(trace("- - -", "kkk")), topology()),
    case("replay-lost-elsewhere", FAIL, replay("kl lk"), visits(UNNAMED, trace("- -", "kl")), topology()),
    case("replay-lost-elsewhere", FAIL, replay("klk lkl klk"), visits(BOUND, ALSO_BOUND), topology()),
    case("flow-refused-across-nodes", UNSURE, steps("unknown"), visits(trace("- -", "kl")), topology()),
    case("flow-refused-across-nodes", UNSURE, steps(), visits(trace("- -", "kl")), topology()),
    case("flow-refused-across-nodes", UNSURE, StepTests(), visits(), topology(), says="works on no node"),
]  # fmt: skip


@pytest.mark.parametrize("one", CASES)
def test_flows(one: Case, judge: Judge) -> None:
    """Each check fails on its fault, passes on the look-alike, and knows when it cannot tell."""
    verify(one, judge)
