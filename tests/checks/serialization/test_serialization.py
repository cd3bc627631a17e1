"""Checks of how sessions are stored: family serialization."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from sessiondoctor.api import Problem
from sessiondoctor.catalogue.check_files import builtin
from sessiondoctor.catalogue.loader import Catalogue
from tests.checks.build import NODES, census, located, place, replay, topology
from tests.checks.cases import FAIL, NOT, PASS, UNSURE, Case, case, verify
from tests.checks.evidence.serialization import ONE, TWO

if TYPE_CHECKING:
    from tests.checks.conftest import Judge

CASES = [
    case("class-versions-mixed", FAIL, census(), located(app1=[place(classes=ONE)], app2=[place(classes=ONE)], app3=[place(classes=TWO)]), says="app3 writes 2"),
    case("class-versions-mixed", FAIL, census(classes={"Cart": {1: 9, 2: 3}, "Other": {5: 12}}), located(), says="Cart in several versions"),
    case("class-versions-mixed", PASS, census(classes={"Cart": {1: 9, 2: 1}}), located(app1=[place(classes=ONE)], app2=[place(classes=ONE)])),
    case("class-versions-mixed", PASS, census(), located(app1=[place(classes=ONE)], app2=[place(classes={"Basket": 2})])),
    case("class-versions-mixed", UNSURE, census(), located()),
    case("session-write-fails", FAIL, replay("eee eee eee", visit={name: {"status": 500} for name in NODES}), topology("replicated"), says="answer"),
    case("session-write-fails", PASS, replay(), topology("replicated")),
    case("session-write-fails", UNSURE, replay(visit={name: {"status": 0} for name in NODES}), topology("replicated")),
    case("session-write-fails", NOT, replay("eee eee eee", visit={name: {"status": 500} for name in NODES}), topology("external")),
    case("encodings-mixed", FAIL, census(), located(app1=[place(encoding="java")], app2=[place(encoding="java")], app3=[place(encoding="unknown")]), says="not known here"),
    case("encodings-mixed", PASS, census(), located(app1=[place(encoding="java")], app2=[place(encoding="")], app3=[place(encoding="empty")])),
]  # fmt: skip


@pytest.mark.parametrize("one", CASES)
def test_serialization(one: Case, judge: Judge) -> None:
    """Each check fails on its fault, passes on the look-alike, and knows when it cannot tell."""
    verify(one, judge)


@pytest.mark.parametrize(
    ("versions", "where"),
    [((1, 1, 2), ("app3",)), ((2, 1, 1), ("app1",)), ((1, 2), ("app1", "app2")), ((1, 2, 3), ("app1", "app2", "app3"))],
)
def test_the_node_with_another_version_is_named(versions: tuple[int, ...], where: tuple[str, ...]) -> None:
    """The fewer are at fault; where it stands even, all of them."""
    sessions = {f"app{n}": [place(classes={"Cart": uid}, encoding="java")] for n, uid in enumerate(versions, start=1)}
    (check,) = Catalogue((builtin(),)).select(["class-versions-mixed"])
    (problem,) = check.judge((census(),), located(**sessions))
    assert isinstance(problem, Problem)
    assert problem.where == where


def test_versions_are_texts_in_what_was_seen(judge: Judge) -> None:
    """64 bits do not fit into the numbers of many JSON readers."""
    uid = 8683452581122892189
    (finding,) = judge("class-versions-mixed", census(classes={"Cart": {uid: 3, 1: 3}}), located())
    assert finding.seen["classes"] == {"Cart": {str(uid): 3, "1": 3}}
