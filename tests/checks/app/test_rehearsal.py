from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from sessiondoctor.evidence.flows.account_use import AccountUse
from sessiondoctor.evidence.flows.rehearsal import NoPage, Rehearsal, RehearsedStep, Run
from sessiondoctor.evidence.stores.store_reach import StoreReach
from tests.checks.build import located, replay, server, trace, visits
from tests.checks.cases import FAIL, NOT, PASS, UNSURE, Case, case, verify
from tests.checks.evidence.sockets import sockets, tried

if TYPE_CHECKING:
    from tests.checks.conftest import Judge

FORM = "GET /cart: the expected text is not there; the form on /cart has `sku`, not `item`"


def run(way: Any = "site", *, works: bool = False, status: int = 200, **changes: Any) -> Run:
    """A run of one step, which did not work unless said otherwise."""
    trouble = "" if works else FORM
    step = RehearsedStep("read", "GET /cart", "/cart", status, trouble=trouble)
    return replace(Run(way, (step,), works, trouble), **changes)


def rehearsal(*runs: Run, **changes: Any) -> Rehearsal:
    """A flow that works unless a run is given."""
    return replace(Rehearsal(declared=True, runs=runs or (run(works=True),)), **changes)


NOTHING = (visits(trace("app1 app1", "??")), replay("??? ??? ???"))
NO_COOKIE = visits(trace("app1 app1", "??"), cookies=())
SILENT = (StoreReach("sessions", "redis:6379", answers=False, trouble="refused"),)
REFUSING = (server(errors_delta={"OOM": 3}),)

NO_PAGE = Rehearsal(declared=False, no_page=NoPage("unauthorized", "http://shop/ answered 401 to every request", "-u"))

CASES = [
    case("flow-not-understood", PASS, rehearsal(), says="the flow works"),
    case("flow-not-understood", PASS, rehearsal(run()), visits(trace("app1 app1", "kk"))),
    case("flow-not-understood", PASS, rehearsal(run()), replay()),
    case(
        "flow-not-understood", PASS, rehearsal(run()), visits(trace("app1 app2", "kl"), frozen=trace("app1 app1", "lk"))
    ),
    case("flow-not-understood", FAIL, rehearsal(run()), *NOTHING, says="`sku`, not `item`; add node URLs"),
    case("flow-not-understood", FAIL, rehearsal(run(), run("node", node="app1", why="on app1")), says="on app1"),
    case("flow-not-understood", UNSURE, rehearsal(run(status=500)), *NOTHING, says="the site itself failed"),
    case("flow-not-understood", UNSURE, rehearsal(run()), NO_COOKIE, says="the site hands out no cookie at all"),
    case("flow-not-understood", UNSURE, rehearsal(run()), *SILENT, says="a store does not answer"),
    case("flow-not-understood", UNSURE, rehearsal(run()), *REFUSING, says="a store refuses or evicts"),
    case(
        "flow-not-understood",
        UNSURE,
        rehearsal(run()),
        located(app1=[], app2=[], app3=[]),
        says="no session of this scan",
    ),
    case("flow-not-understood", FAIL, rehearsal(run(certain=True)), *SILENT, says="not understood"),
    case("flow-not-understood", UNSURE, rehearsal(run(status=401), no_page=NO_PAGE.no_page), says="gives no page"),
    case("flow-not-understood", NOT, Rehearsal(declared=False)),
    case("flow-not-understood", UNSURE),
    case("site-gives-no-page", PASS, rehearsal()),
    case("site-gives-no-page", UNSURE),
    case("site-gives-no-page", NOT, NO_PAGE, sockets(tried(), kind="mcp"), says="has no page"),
    case("site-gives-no-page", FAIL, NO_PAGE, says="http://shop/ answered 401 to every request: -u"),
    case("sessions-ended-by-login", PASS, AccountUse(logins=6)),
    case("sessions-ended-by-login", FAIL, AccountUse(logins=7, ended=1), says="few sessions at once: a session ended"),
    case("sessions-ended-by-login", FAIL, AccountUse(logins=7, ended=2), server(), says="2 sessions ended"),
    case("sessions-ended-by-login", UNSURE, AccountUse(logins=7, ended=1), server(evicted_delta=3), says="evicts"),
    case("sessions-ended-by-login", NOT, AccountUse()),
    case("sessions-ended-by-login", UNSURE),
]


@pytest.mark.parametrize("one", CASES)
def test_cases(one: Case, judge: Judge) -> None:
    """Each check fails, passes and says when it cannot tell."""
    verify(one, judge)
