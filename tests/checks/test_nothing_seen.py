"""No check passes on evidence in which there is nothing, or nothing but errors: could-not-look is never a pass."""

from __future__ import annotations

import dataclasses
import types
import typing
from typing import Any, Literal, get_args, get_origin

import pytest

from sessiondoctor.catalogue.check_files import Check, builtin
from sessiondoctor.catalogue.loader import Catalogue
from sessiondoctor.evidence.emptiness import is_empty
from sessiondoctor.evidence.entry.visits import Exchange, Trace, Visits
from sessiondoctor.evidence.gathered import Gathered, Piece
from sessiondoctor.evidence.keys.key_rings import KeyRing, KeyRings
from sessiondoctor.evidence.nodes.replay import NodeVisit, Replay
from sessiondoctor.model import Status
from sessiondoctor.pipeline.judge import judge
from sessiondoctor.topology.model import Balancer, Node, Site, Store, Topology
from sessiondoctor.topology.steps import Flow, Step
from tests.checks.build import visits

CHECKS = tuple(Catalogue((builtin(),)).checks.values())
STEPS = (Step("/a"),)
TOPOLOGIES = [
    Topology(
        Site("https://shop.test/", mode=mode, flow=Flow(login=STEPS, write=STEPS, read=STEPS, logged_in=STEPS)),
        nodes=(Node("app1", "http://10.0.0.1/", store="s"), Node("app2", "http://10.0.0.2/", store="s")),
        stores=(Store("s", "redis"),),
        load_balancers=(Balancer("edge", "haproxy"),),
    )
    for mode in ("external", "sticky", "replicated")
]
OBSERVED = {"MemcachedServer", "RedisServer", "StoreReach", "Rehearsal", "Configs"}
"""Counters and states, of which zero and none are something seen; what no file and no obstacle mean is for them to say."""


def empty(hint: Any) -> Any:
    """The least value of a type: nothing in it."""
    origin, inside = get_origin(hint), get_args(hint)
    if origin in {typing.Union, types.UnionType}:
        return None if type(None) in inside else empty(inside[0])
    if origin is Literal:
        return inside[0]
    if origin is tuple:
        return () if Ellipsis in inside else tuple(map(empty, inside))
    if origin is dict:
        return {}
    return nothing(hint) if dataclasses.is_dataclass(hint) else hint()


def nothing(kind: Any) -> Any:
    """A piece of evidence with what it must have, and all of that empty."""
    hints = typing.get_type_hints(kind)
    needed = [each for each in dataclasses.fields(kind) if each.default is each.default_factory is dataclasses.MISSING]
    return kind(**{each.name: empty(hints[each.name]) for each in needed})


def passes(check: Check, *evidence: Any) -> list[str]:
    """What the check says is fine, of these pieces and empty ones of its other needs."""
    kinds = {type(one) for one in evidence}
    rest = [need.evidence for need in check.needs if need.evidence is not Topology and need.evidence not in kinds]
    pieces = tuple(Piece(type(one), "x", one) for one in (*evidence, *map(nothing, rest)))
    return [
        judged.finding.summary
        for topology in TOPOLOGIES
        for judged in judge(check, Gathered(pieces), topology)
        if judged.finding.status in {Status.PASS, Status.ERROR}
    ]


def wanting(*kinds: type[Any]) -> list[Check]:
    """The checks that need these and nothing else but a topology."""
    return [check for check in CHECKS if {need.evidence for need in check.needs} - {Topology} and
            {need.evidence for need in check.needs} - {Topology} <= set(kinds)]  # fmt: skip


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.id)
def test_no_check_passes_where_nothing_was_seen(check: Check) -> None:
    """Nor does one crash there."""
    if not {need.evidence.__name__ for need in check.needs} & OBSERVED and any(
        need.evidence is not Topology for need in check.needs
    ):
        assert passes(check) == []


@pytest.mark.parametrize("status", [0, 429, 500, 503])
@pytest.mark.parametrize("check", wanting(Visits, Replay), ids=lambda check: check.id)
def test_no_check_passes_where_all_was_refused(check: Check, status: int) -> None:
    """A site and nodes that answer errors only, and set nothing."""
    trace = Trace(tuple(Exchange(float(n), status=status) for n in range(8)))
    site = visits(trace, trace, status=status, cookies=(), fresh=trace.exchanges)
    nodes = ("app1", "app2")
    trouble = "" if status else "no answer within 10 s"
    cells = Replay(nodes, tuple(NodeVisit(node, status=status, trouble=trouble) for node in nodes), (), flow=True)
    assert is_empty(site)
    if check.id != "node-refuses":  # an error is an answer, and that is all it asks
        assert passes(check, site, cells) == []


def test_rings_without_a_readable_key_have_nothing_in_common() -> None:
    """Two of them."""
    rings = KeyRings((KeyRing("app1", (), 3), KeyRing("app2", (), 1)), 0.0)
    assert is_empty(rings)
    assert [check.id for check in wanting(KeyRings) if passes(check, rings)] == []


def test_a_site_that_answers_is_not_empty() -> None:
    """One good answer is something."""
    assert not is_empty(visits())
    assert is_empty(nothing(Visits))
