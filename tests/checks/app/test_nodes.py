"""Checks of what differs between nodes: family app."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.checks.build import cookie, replay, steered, topology, trace, visits
from tests.checks.cases import FAIL, PASS, UNSURE, Case, case, verify
from tests.checks.evidence.nodes import (
    AS_ONE,
    HASHED,
    bare,
    version,
)

if TYPE_CHECKING:
    from tests.checks.conftest import Judge

CASES = [
    case("versions-differ", FAIL, replay(visit=version("app1", "1") | version("app2", "2") | version("app3", "1")), says="app2"),
    case("versions-differ", PASS, replay(visit=version("app1", "1") | version("app2", "1"))),
    case("versions-differ", UNSURE, replay()),
    case("cookie-names-differ", FAIL, replay(cookies={"app2": cookie(name="other")}), topology(), says="app2 sets the session cookie other"),
    case("cookie-names-differ", PASS, replay(), topology()),
    case("cookie-names-differ", PASS, replay(cookies=HASHED, visit=bare("wp_*", "wp_*", "wp_*")), topology(), says="every node sets wp_*"),
    case("cookie-names-differ", FAIL, replay(cookies=HASHED, visit=bare("wp_*", "wp_*", "sid")), topology(), says="app3 sets the session cookie sid"),
    case("cookie-names-differ", UNSURE, replay(cookies=HASHED), topology(), says="names differ by a hash"),
    case("cookie-names-differ", FAIL, replay(cookies=HASHED | {"app2": HASHED["app1"]}), topology(), says="app3 sets"),
    case("cookie-names-differ", FAIL, replay(cookies=HASHED), topology(nodes=AS_ONE)),
    case("cookie-names-differ", FAIL, steered(cookies=HASHED), topology()),
    case("cookie-names-differ", UNSURE, replay(visit={n: {"cookies": ()} for n in ("app1", "app2", "app3")}), topology()),
    case("session-id-restless", FAIL, visits(trace("app1 app1 app1 app1", "klll", "s:1 s:2 s:3 s:4")), says="3 new"),
    case("session-id-restless", PASS, visits(trace("app1 app1 app1 app1", "kkkk", "s:1 s:2 s:3 s:4"))),
    case("session-id-restless", PASS, visits(trace("app1 app1 app2 app1", "kkll", "s:1 s:1 s:2 s:3"))),
    case("session-id-restless", UNSURE, visits(trace("app1 app2 app1", "kll", "s:1 s:2 s:3"))),
    case("session-id-restless", UNSURE, visits(trace("- - - -", "klll", "s:1 s:2 s:3 s:4")), says="no node is known"),
    case("session-id-restless", UNSURE, visits(trace("app1", "k"))),
]  # fmt: skip


@pytest.mark.parametrize("one", CASES)
def test_nodes(one: Case, judge: Judge) -> None:
    """Each check fails on its fault, passes on the look-alike, and knows when it cannot tell."""
    verify(one, judge)
