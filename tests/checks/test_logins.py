from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from sessiondoctor.api import Problem
from sessiondoctor.catalogue.loader import Catalogue, builtin
from sessiondoctor.evidence.entry.visits import Trace
from sessiondoctor.evidence.flows.forms import Forms, FormTry
from sessiondoctor.evidence.flows.logins import Login, Logins, Recognition
from sessiondoctor.topology.model import Flow, Step
from tests.checks.build import replay, topology, trace
from tests.checks.cases import FAIL, NOT, PASS, UNSURE, Case, case, verify

if TYPE_CHECKING:
    from sessiondoctor.topology.model import Topology
    from tests.checks.conftest import Judge

NONE = Trace(())
SAID: dict[str, Any] = {"i": "in", "o": "out", "e": "error", "?": "unknown"}
STATES: dict[str, Any] = {"a": "accepted", "r": "rejected", "e": "error", "?": "unknown"}


def login(looks: str | Trace = "kkk", nodes: str = "", **changes: Any) -> Login:
    """`login("kkl", "i oi")`: what the entry says, then each node at once and later."""
    said = tuple(
        Recognition(f"app{n}", SAID[one[0]], SAID[one[1:] or "?"], 500 if one[0] == "e" else 200)
        for n, one in enumerate(nodes.split(), 1)
    )
    settings: dict[str, Any] = {
        "before": "sid:1111",
        "after": "sid:2222",
        "session_cookies_set": 1,
        "steps": trace("app1 app1", "??"),
        "looks": _on_one_node(looks) if isinstance(looks, str) else looks,
        "nodes": said,
    }
    return Login(**(settings | changes))


def _on_one_node(looks: str) -> Trace:
    return trace(" ".join(["app1"] * len(looks)), looks) if looks else NONE


def refused(status: int, nodes: str = "app1 app1", text: str = "") -> Login:
    """A login whose last step was not as declared."""
    steps = trace(nodes, "??")
    last = replace(steps.exchanges[-1], status=status)
    trouble = text or f"POST /login: status {status}"
    return login("", steps=Trace((steps.exchanges[0], last)), trouble=trouble, before="", after="")


def logins(*runs: Login, **changes: Any) -> Logins:
    """Two healthy logins unless said otherwise."""
    return Logins(runs or (login(nodes="i i i"),) * 2, **changes)


def forms(rows: str = "aa aa", entry: str = "aaaa", **changes: Any) -> Forms:
    """`forms("ar ra", kept="+-++")`: opened on (row), sent to (column); then whether the session was there (+, -)."""
    kept = {"+": True, "-": False}
    names = [f"app{n}" for n in range(1, len(rows.split()) + 1)]
    direct = []
    for opened, row in zip(names, rows.split(), strict=True):
        direct += [
            FormTry(opened, sent, STATES[one], 403 if one == "r" else 200) for sent, one in zip(names, row, strict=True)
        ]
    marks = [kept.get(mark) for mark in changes.pop("kept", "")]
    direct = [replace(one, session_kept=mark) for one, mark in zip(direct, marks, strict=True)] if marks else direct
    through = tuple(FormTry("app1", "app1", STATES[one], 403 if one == "r" else 200) for one in entry)
    return Forms(through, tuple(direct), **changes)


def at_entry(entry: str, *, kept: bool, rows: str = "aa aa") -> Forms:
    """Forms of clients of the entry, and whether their sessions were there after them."""
    found = forms(rows, entry)
    return replace(found, through_entry=tuple(replace(one, session_kept=kept) for one in found.through_entry))


def through(*pairs: str, state: str = "a") -> tuple[FormTry, ...]:
    """Forms of clients of the entry, such as `app1>app2`."""
    split = (pair.split(">") for pair in pairs)
    return tuple(FormTry(opened, sent, STATES[state], 403 if state == "r" else 200) for opened, sent in split)


def with_login() -> Topology:
    """A topology whose clients all are the same user."""
    plain = topology()
    return replace(plain, site=replace(plain.site, flow=Flow(login=(Step("/login", "POST"),))))


SAME = {"after": "sid:1111"}

CASES = [
    case("session-id-not-rotated", FAIL, logins(login(**SAME), login(**SAME)), says="2 of 2"),
    case("session-id-not-rotated", PASS, logins()),
    case("session-id-not-rotated", PASS, logins(login("", before="sid:1", after="sid:2"))),
    case("session-id-not-rotated", UNSURE, logins(login(before=""))),
    case("session-id-not-rotated", UNSURE, logins(login("lll", **SAME)), says="worked"),
    case("session-id-not-rotated", UNSURE, logins(refused(401))),
    case("session-id-not-rotated", NOT, logins(login(**SAME), comparable=False)),
    case("login-fails", PASS, logins()),
    case("login-fails", PASS, logins(login("kkl"), login())),
    case("login-fails", FAIL, logins(login(), refused(403)), says="1 of 2 logins fail: POST /login: status 403"),
    case("login-fails", FAIL, logins(login(), login("lll")), says="the next page does not know it"),
    case("login-fails", FAIL, logins(login("lll"), login("lll"))),
    case("login-fails", FAIL, logins(login("lll", "i i"), login("lll", "i i")), says="although nodes"),
    case("login-fails", FAIL, logins(refused(500), refused(502)), says="server error"),
    case("login-fails", FAIL, logins(refused(419, "app1 app2"), refused(419, "app1 app2")), says="app1 and app2"),
    case("login-fails", FAIL, logins(refused(401), refused(401)), replay(), says="status 401"),
    case("login-fails", UNSURE, logins(refused(401), refused(401)), replay("lll lll lll"), says="site.flow.login"),
    case("login-fails", UNSURE, logins(refused(401, "app1 app2"), refused(401)), says="site.flow.login"),
    case("login-fails", UNSURE, logins(refused(0, text="timed out")), says="timed out"),
    case("login-fails", UNSURE, logins(login("")), says="site.flow.logged_in"),
    case("login-fails", UNSURE, logins(login(trace("app1", "?", trouble="status 429"))), says="429"),
    case("login-unknown-elsewhere", FAIL, logins(login(nodes="i oo i")), topology("external"), says="app2"),
    case("login-unknown-elsewhere", FAIL, logins(login(nodes="i oi i")), topology("external"), says="app2"),
    case("login-unknown-elsewhere", FAIL, logins(login(nodes="i e i")), topology("external"), says="app2"),
    case("login-unknown-elsewhere", FAIL, logins(login("klk")), topology("sticky"), says="the next does not"),
    case("login-unknown-elsewhere", FAIL, logins(login("lll", "i oo")), topology(), says="app2"),
    case("login-unknown-elsewhere", PASS, logins(), topology("external"), says="3 nodes"),
    case("login-unknown-elsewhere", PASS, logins(login(nodes="i oo oo")), topology("sticky")),
    case("login-unknown-elsewhere", PASS, logins(login(trace("app1 app2 app1", "kkk"))), topology("external")),
    case("login-unknown-elsewhere", UNSURE, logins(login()), topology("external"), says="only one node"),
    case("login-unknown-elsewhere", UNSURE, logins(login("lll", "oo oo")), topology(), says="anywhere"),
    case("login-unknown-elsewhere", UNSURE, logins(refused(401)), topology()),
    case("login-known-late", FAIL, logins(login(nodes="i oi i")), says="app2 recognised the login only after 1 s"),
    case("login-known-late", PASS, logins()),
    case("login-known-late", PASS, logins(login(nodes="i oo i")), says="do not know it later"),
    case("login-known-late", UNSURE, logins(login())),
    case("login-known-late", UNSURE, logins(login(nodes="? ?"))),
    case("form-rejected-elsewhere", FAIL, forms("ar ra"), topology("external"), says="app1 -> app2, app2 -> app1"),
    case("form-rejected-elsewhere", FAIL, forms("aar aar rra"), topology(), says="app3"),
    case("form-rejected-elsewhere", FAIL, Forms((*through("app1>app1"), *through("app1>app2", state="r"))),
         topology("sticky"), says="app1 -> app2"),
    case("form-rejected-elsewhere", FAIL, forms(entry="aara"), topology("external"), says="1 of 4"),
    case("form-rejected-elsewhere", PASS, forms(), topology("external"), says="2 forms"),
    case("form-rejected-elsewhere", PASS, forms("ar ra"), topology("sticky")),
    case("form-rejected-elsewhere", PASS, Forms(through("app1>app2", "app2>app2")), topology()),
    case("form-rejected-elsewhere", PASS, forms("aa ?a"), topology()),
    case("form-rejected-elsewhere", UNSURE, forms("rr rr", "rrrr"), topology(), says="403"),
    case("form-rejected-elsewhere", UNSURE, forms("a"), topology(), says="declare nodes"),
    case("form-rejected-elsewhere", UNSURE, forms("?r r?", "????"), topology(), says="site.flow.form"),
    case("form-rejected-at-entry-only", FAIL, at_entry("arr", kept=True), says="2 of 3 forms are rejected at the public"),
    case("form-rejected-at-entry-only", PASS, at_entry("arr", kept=False)),
    case("form-rejected-at-entry-only", PASS, at_entry("arr", kept=True, rows="ar ra")),
    case("form-rejected-at-entry-only", PASS, forms()),
    case("form-rejected-at-entry-only", UNSURE, at_entry("arr", kept=True, rows="")),
    case("form-rejected-session-kept", FAIL, forms("ar ra", kept="++++"), says="app1, app2"),
    case("form-rejected-session-kept", PASS, forms("ar ra", kept="+--+"), says="gone as well"),
    case("form-rejected-session-kept", PASS, forms()),
    case("form-rejected-session-kept", UNSURE, forms("ar ra"), says="site.flow.write"),
    case("form-rejected-session-kept", UNSURE, forms("rr rr", "rrrr", kept="++++"), says="site.flow.form"),
    case("form-cached", FAIL, forms(cached=True, tokens_shared=3), says="3 new clients"),
    case("form-cached", FAIL, forms(cached=True), with_login()),
    case("form-cached", FAIL, forms(tokens_shared=2), says="2 new clients"),
    case("form-cached", PASS, forms(), says="of its own"),
    case("form-cached", UNSURE, forms(tokens_shared=4), with_login(), says="one user"),
    case("form-cached", UNSURE, forms(entry="??ee")),
]  # fmt: skip


@pytest.mark.parametrize("one", CASES)
def test_logins_and_forms(one: Case, judge: Judge) -> None:
    """Each check fails on its fault, passes on the look-alike, and knows when it cannot tell."""
    verify(one, judge)


@pytest.mark.parametrize(
    ("runs", "where"),
    [
        (("i i oo", "i i oo"), ("app3",)),
        (("i i oo", "oo oo i"), ("app3",)),
        (("i oo oo", "i oo oo"), ()),
        (("i oo i", "i i oo"), ()),
        (("i oo", "i oo"), ()),
    ],
)
def test_the_one_node_that_differs_is_named(runs: tuple[str, ...], where: tuple[str, ...]) -> None:
    """Whether the login was made there or elsewhere; where each node knows its own only, none is the odd one."""
    (check,) = Catalogue((builtin(),)).select(["login-unknown-elsewhere"])
    evidence = logins(*(login(nodes=nodes) for nodes in runs))
    (verdict,) = check.judge(logins=evidence, visits=None, topology=topology("external"))
    assert isinstance(verdict, Problem)
    assert verdict.where == where
