"""Checks of what members say of their clusters and their sessions."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from sessiondoctor.evidence.members.views import MemberView, SessionManager
from sessiondoctor.topology.model import Node
from tests.checks.build import topology
from tests.checks.cases import FAIL, NOT, PASS, UNSURE, Case, case, verify

if TYPE_CHECKING:
    from tests.checks.conftest import Judge

DELTA = SessionManager("/", "DeltaManager", copies=True, active=2, created=2, sent=4, received=4)
LOCAL = SessionManager("/", "StandardManager", copies=False, active=2, created=2)
UNUSED = SessionManager("/tools", "StandardManager", copies=False)
THREE = topology("replicated", nodes=tuple(Node(f"app{number}", f"http://10.0.0.{number}/") for number in (1, 2, 3)))
TWO = topology("replicated", nodes=THREE.nodes[:2])
HERE = topology("replicated", nodes=(Node("app1", "http://127.0.0.1:1/"), Node("app2", "http://localhost:2/")))
SERVICES = topology("replicated", nodes=(*THREE.nodes[:2], Node("api", "http://10.0.0.9/", service="api")))


def member(number: int, *knows: int, manager: SessionManager = DELTA, left: bool = False) -> MemberView:
    """A Tomcat that knows itself and others."""
    addresses = tuple(f"10.0.0.{other}:4000" for other in sorted({number, *knows}))
    address = f"10.0.0.{number}:4000"
    return MemberView(f"app{number}", "tomcat", address, addresses, len(addresses), left=left, managers=(manager,))


def counting(number: int, size: int, coordinator: str = "") -> MemberView:
    """One that tells no names."""
    return MemberView(f"app{number}", "keycloak", f"kc{number}", None, size, coordinator=coordinator)


TOGETHER = (member(1, 2, 3), member(2, 1, 3), member(3, 1, 2))
APART = (member(1, 2), member(2, 1), member(3))
WILDFLY = SessionManager("ROOT.war", "distributed-cache", copies=True, active=2, backups=1)
DEAF = replace(DELTA, received=0)
WITHOUT = MemberView("app3", "tomcat", managers=(LOCAL,))

CASES = [
    case("members-apart", FAIL, *APART, THREE, says="in 2 parts: app1, app2 | app3"),
    case("members-apart", FAIL, member(1), member(2), TWO, says="app1 | app2"),
    case("members-apart", FAIL, counting(1, 1), counting(2, 1), TWO, says="app1 sees 1 of 2"),
    case("members-apart", FAIL, counting(1, 1, "kc1"), counting(2, 1, "kc2"), TWO, says="app1 | app2"),
    case("members-apart", FAIL, member(1, 2), member(2, 1), WITHOUT, THREE, says="app3 has no cluster"),
    case("members-apart", PASS, *TOGETHER, THREE, says="all 3 members"),
    case("members-apart", PASS, counting(1, 2), counting(2, 2), TWO),
    case("members-apart", PASS, counting(1, 1, "kc1"), counting(2, 1, "kc1"), TWO),
    case("members-apart", PASS, member(1, 2), member(2, 1), SERVICES),
    case("members-apart", UNSURE, member(1, 2), member(2, 1), THREE, says="2 of 3"),
    case("members-apart", UNSURE, member(1), TWO),
    case("members-apart", NOT, WITHOUT, THREE),
    case("members-apart", UNSURE, THREE),
    case("cluster-fell-apart", FAIL, member(1, 2), member(2, 1), member(3, left=True), says="app3 is alone now"),
    case("cluster-fell-apart", PASS, *APART, says="never heard"),
    case("cluster-fell-apart", UNSURE, counting(1, 1, "kc1"), counting(2, 1, "kc2"), says="their logs"),
    case("cluster-fell-apart", UNSURE, member(1, manager=WILDFLY), member(2, manager=WILDFLY), says="their logs"),
    case("cluster-fell-apart", PASS, replace(member(1, manager=WILDFLY), view=0), replace(member(2, manager=WILDFLY), view=0)),
    case("cluster-fell-apart", NOT, *TOGETHER),
    case("sessions-kept-local", FAIL, member(1, 2, manager=LOCAL), TWO, says="app1 keeps the sessions of / in a Stand"),
    case("sessions-kept-local", FAIL, WITHOUT, THREE, says="the server has no cluster"),
    case("sessions-kept-local", PASS, replace(member(1, 2), managers=(DELTA, UNUSED)), TWO, says="app1 copies"),
    case("sessions-kept-local", UNSURE, replace(member(1, 2), managers=(DELTA, replace(LOCAL, application="/shop"))), TWO,
         says="and not of /shop"),
    case("sessions-kept-local", UNSURE, counting(1, 2), TWO, says="no node tells"),
    case("sessions-kept-local", NOT, WITHOUT, topology("sticky")),
    case("changes-not-received", FAIL, member(1, 2), member(2, 1, manager=DEAF), says="app2 has received none"),
    case("changes-not-received", PASS, *TOGETHER),
    case("changes-not-received", UNSURE, *(replace(one, managers=(replace(DEAF, sent=1),)) for one in TOGETHER[:2])),
    case("changes-not-received", NOT, *APART[2:]),
    case("copies-sent-later", FAIL, replace(member(1, 2), asynchronous=True), says="after the response"),
    case("copies-sent-later", PASS, replace(member(1, 2), asynchronous=False)),
    case("copies-sent-later", NOT, counting(1, 2)),
    case("copies-configured-none", FAIL, member(1, 2, manager=replace(DELTA, backups=0)), says="app1 keeps each session"),
    case("copies-configured-none", PASS, member(1, 2, manager=replace(DELTA, backups=1)), says="2 copies"),
    case("copies-configured-none", NOT, member(1, 2)),
    case("copies-queued", FAIL, replace(member(1), queued=60 << 20, queue_limit=64 << 20), says="61440 of 65536 KiB"),
    case("copies-queued", PASS, replace(member(1), queue_limit=64 << 20)),
    case("copies-queued", NOT, member(1)),
    case("member-behind-loopback", FAIL, replace(member(1), address="127.0.0.1:4000"), TWO, says="on 127.0.0.1:4000"),
    case("member-behind-loopback", PASS, member(1), TWO),
    case("member-behind-loopback", NOT, replace(member(1), address="127.0.0.1:4000"), HERE),
    case("member-behind-loopback", NOT, counting(1, 2), TWO),
]  # fmt: skip


@pytest.mark.parametrize("one", CASES)
def test_views(one: Case, judge: Judge) -> None:
    """Each case comes out as the table says."""
    verify(one, judge)
