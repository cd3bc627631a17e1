"""Checks of logins and forms: family replication."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from sessiondoctor.api import Problem
from sessiondoctor.catalogue.check_files import builtin
from sessiondoctor.catalogue.loader import Catalogue
from tests.checks.build import topology, trace, visits
from tests.checks.cases import FAIL, PASS, UNSURE, Case, case, verify
from tests.checks.evidence.logins import (
    login,
    logins,
    refused,
)

if TYPE_CHECKING:
    from tests.checks.conftest import Judge

UNNAMED = trace(" ".join("-" * 18), "k" * 18)
"""A client that lost nothing at a site whose answers name no node."""

CASES = [
    case("login-unknown-elsewhere", FAIL, logins(login(nodes="i oo i")), topology("external"), says="app2"),
    case("login-unknown-elsewhere", FAIL, logins(login(nodes="i oi i")), topology("external"), says="app2"),
    case("login-unknown-elsewhere", FAIL, logins(login(nodes="i e i")), topology("external"), says="app2"),
    case("login-unknown-elsewhere", FAIL, logins(login("klk")), topology("sticky"), says="the next does not"),
    case("login-unknown-elsewhere", FAIL, logins(login("lll", "i oo")), topology(), says="app2"),
    case("login-unknown-elsewhere", PASS, logins(), topology("external"), says="3 nodes"),
    case("login-unknown-elsewhere", PASS, logins(login(nodes="i oo oo")), visits(UNNAMED), topology(), says="every page after a login"),
    case("login-unknown-elsewhere", FAIL, logins(login(nodes="i oo i")), visits(UNNAMED), topology(), says="app2"),
    case("login-unknown-elsewhere", FAIL, logins(login(nodes="i oo oo")), visits(UNNAMED), topology("external"), says="app2"),
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
