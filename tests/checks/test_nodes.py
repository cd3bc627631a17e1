"""The families keys, replication, time, app and network: what differs between nodes."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from sessiondoctor.evidence.keys.secret_prints import SecretPrints
from sessiondoctor.evidence.network.clocks import Clocks
from sessiondoctor.topology.model import Node, Time
from tests.checks.build import clocks, cookie, located, names, place, replay, steered, topology, trace, visits
from tests.checks.cases import FAIL, NOT, PASS, UNSURE, Case, case, verify

if TYPE_CHECKING:
    from sessiondoctor.evidence.entry.visits import Trace
    from tests.checks.conftest import Judge

SIGNED = {name: cookie(signed=True) for name in ("app1", "app2", "app3")}
CLIENT = {name: cookie(holds_state=True, signed=True) for name in ("app1", "app2", "app3")}
KEYED = {name: cookie(key_id="k1") for name in ("app1", "app2", "app3")}
OUTLIER = "klk lkl klk"
NOWHERE: dict[str, object] = {"app1": [], "app2": [], "app3": []}
GONE = {"app1 app2": {"back": "lost", "back_newest": "lost"}}


def version(node: str, value: str) -> dict[str, object]:
    """A node that says its version."""
    return {node: {"headers": {"x-version": value}}}


def bare(*names: str) -> dict[str, object]:
    """Nodes whose session cookies have these names where the address is taken out."""
    return {f"app{number}": {"bare_name": name} for number, name in enumerate(names, 1)}


HASHED = {f"app{n}": cookie(name=f"wp_{n * 32}") for n in "123"}
AS_ONE = tuple(Node(f"app{n}", f"http://app{n}/", headers={"Host": "shop.test"}) for n in "123")


def redirected(*met: str) -> Trace:
    """A client whose second visit, at which its state is gone, several nodes answered."""
    seen = trace("app1 app1", "kl")
    return replace(seen, exchanges=(seen.exchanges[0], replace(seen.exchanges[1], met=met)))


CASES = [
    case("state-never-kept", FAIL, visits(trace("app1 app2 app1 app1", "klll")), says="none of 3 follow-up requests"),
    case("state-never-kept", PASS, visits(trace("app1 app2 app1 app1", "kllk")), says="1 of 3 follow-up requests"),
    case("state-never-kept", UNSURE, visits(trace("app1 app2", "kl"))),
    case("signature-rejected", FAIL, replay(OUTLIER, cookies=SIGNED), located(), says="rejects a cookie"),
    case("signature-rejected", PASS, replay(cookies=SIGNED), located()),
    case("signature-rejected", PASS, replay(OUTLIER, cookies=SIGNED | {"app2": cookie(name="s2", signed=True)}), located()),
    case("signature-rejected", PASS, replay(OUTLIER, cookies=SIGNED), located(app2=[place(prefix="x:")])),
    case("signature-rejected", NOT, replay(OUTLIER), located()),
    case("signature-rejected", UNSURE, replay(OUTLIER, cookies=SIGNED), located(**NOWHERE)),
    case("client-side-session-rejected", FAIL, replay(OUTLIER, cookies=CLIENT)),
    case("client-side-session-rejected", PASS, replay(cookies=CLIENT)),
    case("client-side-session-rejected", NOT, replay(OUTLIER)),
    case("secrets-differ", FAIL, SecretPrints({"app1": "key:1", "app2": "key:2", "app3": "key:1"}), says="app2"),
    case("secrets-differ", PASS, SecretPrints({"app1": "key:1", "app2": "key:1"})),
    case("data-protection-keys-differ", FAIL, replay(cookies=KEYED | {"app2": cookie(key_id="k2")}), says="app2"),
    case("data-protection-keys-differ", PASS, replay(cookies=KEYED)),
    case("data-protection-keys-differ", NOT, replay()),
    case("replay-lost-elsewhere", FAIL, replay(OUTLIER), topology(), says="all of them involve app2"),
    case("replay-lost-elsewhere", PASS, replay(), topology()),
    case("replay-lost-elsewhere", PASS, replay("kll lkl llk"), topology("sticky"), says="as mode sticky has it"),
    case("replay-lost-elsewhere", UNSURE, replay("k?? ?k? ??k"), topology()),
    case("replay-lost-at-home", FAIL, replay("lkk kkk kkk"), says="app1"),
    case("replay-lost-at-home", PASS, replay()),
    case("replay-lost-at-home", UNSURE, replay("? ? ?"[:1])),
    case("replay-lost-at-home", FAIL, steered("lkk kkk kkk"), says="app1"),
    case("replay-lost-at-home", UNSURE, steered("l?? ?l? ??l"), says="proxy"),
    case("replay-lost-at-home", PASS, steered()),
    case("replay-lost-elsewhere", PASS, steered("kll lkl llk"), topology(), says="keeps each user on one"),
    case("replay-lost-elsewhere", FAIL, steered("kll lkl llk"), topology("external")),
    case("replay-lost-elsewhere", FAIL, steered(OUTLIER), topology(), says="all of them involve app2"),
    case("replay-one-outlier", FAIL, replay(OUTLIER), says="app2"),
    case("replay-one-outlier", PASS, replay("kll lkl llk")),
    case("replay-one-outlier", PASS, replay()),
    case("replay-one-outlier", NOT, replay("kl lk")),
    case("replay-one-outlier", UNSURE, replay("kkk kkl kkk")),
    case("replay-one-outlier", UNSURE, replay("kkk kkl klk")),
    case("moves-survive-between-some", FAIL, visits(trace("app1 app2 app3", "kkl")), says="between app1 and app2, and not between app1 and app3"),
    case("moves-survive-between-some", FAIL, visits(trace("app1 app2 app3", "kkl"), trace("app2 app3", "kl")), says="app1 and app3, app2 and app3"),
    case("moves-survive-between-some", PASS, visits(trace("app1 app2 app3", "kll"))),
    case("moves-survive-between-some", PASS, visits(trace("app1 app2 app3 app2", "kkll"))),
    case("moves-survive-between-some", UNSURE, visits(trace("app1 app2 app1 app2", "klkk"))),
    case("moves-survive-between-some", UNSURE, visits()),
    case("replay-differs-by-session", FAIL, replay("kl kk", cell={"app1 app2": {"seen": ("kept", "error", "lost")}}), says="app2 knows some of the sessions of app1"),
    case("replay-differs-by-session", PASS, replay("kl kk", cell={"app1 app2": {"seen": ("lost", "lost")}})),
    case("replay-differs-by-session", PASS, replay("kk kk", cell={"app1 app2": {"seen": ("kept", "error", "kept")}})),
    case("replay-differs-by-session", UNSURE, replay("kk kk", cell={"app1 app2": {"seen": ("kept", "error")}})),
    case("replay-differs-by-session", UNSURE, replay("ke kk", cell={"app1 app2": {"seen": ("error", "error")}})),
    case("replay-differs-by-session", UNSURE, replay("kl kk", cell={"app1 app2": {"seen": ("lost",)}})),
    case("replay-destructive", FAIL, replay("klk kkk klk", cell=GONE), says="app2"),
    case("replay-destructive", PASS, replay(OUTLIER)),
    case("replay-destructive", NOT, replay()),
    case("replay-errors", FAIL, replay("kek kkk kkk", cell={"app1 app2": {"status": 500}}), says="app2 answered 500"),
    case("replay-errors", PASS, replay(OUTLIER)),
    case("replay-errors-at-home", FAIL, replay("ekk kkk kkk", cell={"app1 app1": {"status": 500}}), says="app1 answered"),
    case("replay-errors-at-home", FAIL, replay("??? ??? ???", visit={"app2": {"status": 500}}), says="app2 answered 500"),
    case("replay-errors-at-home", PASS, replay("kek kkk kkk", cell={"app1 app2": {"status": 500}})),
    case("replay-errors-at-home", UNSURE, replay("??? ??? ???")),
    case("replay-errors-at-home", UNSURE, replay(visit={n: {"refused": True} for n in ("app1", "app2", "app3")})),
    case("replay-errors", UNSURE, replay(visit={n: {"refused": True} for n in ("app1", "app2", "app3")})),
    case("state-lost-in-place", FAIL, visits(trace("app1 app1", "kl")), says="app1"),
    case("state-lost-in-place", UNSURE, visits(trace("- - -", "kll"))),
    case("state-lost-in-place", UNSURE, visits(trace("app1 - -", "kll"))),
    case("state-lost-in-place", UNSURE, visits(trace("- app1 app1", "kll"))),
    case("state-lost-in-place", UNSURE, visits(redirected("app1", "app2"))),
    case("state-lost-in-place", FAIL, visits(redirected("app1", "app1"))),
    case("state-lost-between-requests", FAIL, visits(trace("- - -", "kll")), says="2 of 2 follow-up requests"),
    case("state-lost-between-requests", FAIL, visits(trace("app1 - -", "kll"))),
    case("state-lost-between-requests", PASS, visits(trace("- - -", "kkk"))),
    case("state-lost-between-requests", UNSURE, visits(trace("- - -", "k??"))),
    case("state-lost-between-requests", NOT, visits(trace("app1 app2", "kl"))),
    case("state-lost-between-requests", NOT, visits(trace("app1 app1", "kl"))),
    case("state-lost-in-place", PASS, visits(trace("app1 app2 app1", "klk"))),
    case("state-lost-in-place", FAIL, visits(trace("app1 app2 app1", "kll"))),
    case("state-lost-in-place", FAIL, visits(trace("app1 app1 app1", "kll", "sid:1 sid:2 sid:3"))),
    case("state-lost-in-place", UNSURE, visits(trace("app1 app2 app1", "kll", "sid:1 sid:2 sid:3"))),
    case("state-lost-in-place", UNSURE, visits(trace("app1 app1", "??"))),
    case("node-clock-skew", FAIL, clocks(app1=0.0, app2=600.0, app3=0.1), topology(), says="app2 is 600 s ahead"),
    case("node-clock-skew", FAIL, clocks(app1=0.0, app2=-90.0), topology(), says="app2 is 90 s behind"),
    case("node-clock-skew", PASS, clocks(app1=0.0, app2=1.5, app3=-1.0), topology()),
    case("node-clock-skew", UNSURE, clocks(app1=0.0), topology()),
    case("node-clock-skew", UNSURE, clocks("affinity-cookie", edge=0.0, other=600.0), topology()),
    case("store-clock-skew", UNSURE, clocks("affinity-cookie", edge=0.0, sessions=600.0), topology()),
    case("store-clock-skew", FAIL, clocks(app1=0.0, app2=0.0, sessions=-300.0), topology(), says="-300 s"),
    case("store-clock-skew", PASS, clocks(app1=0.0, sessions=0.1), topology()),
    case("store-clock-skew", UNSURE, clocks(app1=0.0), topology()),
    case("ttl-differs-by-node", FAIL, located(app2=[place(ttl_s=600.0)]), says="app2"),
    case("ttl-differs-by-node", PASS, located(app2=[place(ttl_s=1790.0)])),
    case("ttl-differs-by-node", UNSURE, located(**NOWHERE)),
    case("ntp-offset", FAIL, clocks("ntp", ntp1=5.0), says="+5.000 s"),
    case("ntp-offset", PASS, clocks("ntp", ntp1=0.01)),
    case("ntp-offset", NOT, clocks(app1=0.0)),
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
    case("resolvers-disagree", FAIL, names("192.0.2.1", "192.0.2.2"), says="192.0.2.2"),
    case("resolvers-disagree", PASS, names("192.0.2.1 192.0.2.2", "192.0.2.2 192.0.2.1")),
    case("resolvers-disagree", UNSURE, names("192.0.2.1")),
]  # fmt: skip


@pytest.mark.parametrize("one", CASES)
def test_nodes(one: Case, judge: Judge) -> None:
    """Each check fails on its fault, passes on the look-alike, and knows when it cannot tell."""
    verify(one, judge)


def test_the_matrix_is_drawn_for_healthy_nodes_too(judge: Judge) -> None:
    """Rows are made on, columns read on."""
    (finding,) = judge("replay-lost-elsewhere", replay(OUTLIER), topology("sticky"))
    assert finding.seen["matrix"]["rows"][0] == ["kept", "lost", "kept"]


def test_a_time_server_that_does_not_answer_is_no_agreement(judge: Judge) -> None:
    """Nor is it undeclared: its silence is said of it, beside the answer of another."""
    read = Clocks(clocks("ntp", app1=0.0).readings, {"ntp.test:123": "no answer in time"})
    declared = topology(
        nodes=(Node("app1", ntp="app1:123"), Node("app2", ntp="app2:123")), time=Time(("ntp.test:123",))
    )
    found = {finding.subject: (finding.status, finding.reason) for finding in judge("ntp-offset", read, declared)}
    assert found["app1"][0] == PASS
    assert found["app2"] == (UNSURE, "its time server did not answer")
    assert found["ntp.test:123"] == (UNSURE, "no answer in time")
