from __future__ import annotations

import pytest

from sessiondoctor.evidence.replay import Replay
from sessiondoctor.probes import replay
from sessiondoctor.probes.contract import Absent, Options
from sessiondoctor.probes.replay import asked as nodes_asked
from sessiondoctor.probes.replay import pairs
from sessiondoctor.topology.model import Node, Site, Topology, bare
from tests.probes.shop import Asked, ask


def matrix(asked: Asked) -> list[list[str]]:
    """The cells' states."""
    assert isinstance(asked.evidence, Replay)
    rows: list[list[str]] = asked.evidence.matrix()["rows"]
    return rows


def test_nodes_that_share_know_every_session() -> None:
    """All cells are kept, and no id is replaced."""
    asked = ask(replay.plan)
    assert matrix(asked) == [["kept"] * 3] * 3
    assert {cell.id_fate for cell in asked.evidence.cells} == {"same"}


def test_one_node_with_another_secret_is_the_outlier() -> None:
    """Its row and its column are lost, twice, and the sessions live on at home."""
    found = ask(replay.plan, "signing-secret-mismatch").evidence
    lost = [cell for cell in found.cells if cell.state == "lost"]
    assert found.outlier == "app2"
    assert {(cell.seen, cell.back) for cell in lost} == {(("lost", "lost"), "kept")}


def test_a_destructive_miss_is_told_from_a_benign_one() -> None:
    """The node whose clock is ahead deletes the session: it is gone at home, too."""
    found = ask(replay.plan, "clock-skew").evidence
    lost = [cell for cell in found.cells if cell.state == "lost"]
    assert {cell.read_on for cell in lost} == {"app2"}
    assert {(cell.back, cell.back_newest) for cell in lost} == {("lost", "lost")}


def test_routes_and_schemes_are_seen() -> None:
    """The route that each node writes; that no cookie is set, whatever the request says."""
    routes = [visit.session_cookie.route for visit in ask(replay.plan, "route-id-mismatch").evidence.visits]
    schemes = [v.cookies_if_https for v in ask(replay.plan, "secure-cookie-behind-tls-offload").evidence.visits]
    assert routes == ["app1"] * 3
    assert schemes == [()] * 3


@pytest.mark.parametrize("fault", ["none", "node-local-store", "secure-cookie-behind-tls-offload"])
def test_no_more_requests_than_planned(fault: str) -> None:
    """The plan is a promise, also where everything is tried again."""
    asked = ask(replay.plan, fault)
    assert all(asked.sent[peer] <= asked.planned[peer] for peer in asked.sent)
    assert "s%3A" not in repr(asked.evidence)


def test_without_node_urls_there_is_no_matrix() -> None:
    """And the reason says what to add."""
    (entry,) = replay.plan(bare("https://shop.test/"), Options())
    assert isinstance(entry, Absent)
    assert "nodes" in entry.hint


def test_services_are_not_mixed() -> None:
    """Only the nodes of the largest service are compared."""
    nodes = (Node("a", "http://a/"), Node("b", "http://b/"), Node("x", "http://x/", service="admin"), Node("c"))
    assert [node.name for node in nodes_asked(Topology(site=Site("https://shop.test/"), nodes=nodes))] == ["a", "b"]


@pytest.mark.parametrize("count", [1, 2, 6, 7, 20])
def test_pairs_are_bounded_and_include_each_node_itself(count: int) -> None:
    """All pairs of a few nodes, neighbours of many."""
    nodes = tuple(Node(f"n{n}", f"http://n{n}/") for n in range(count))
    chosen = [(made.name, read.name) for made, read in pairs(nodes)]
    assert len(chosen) <= max(36, 2 * count)
    assert len(set(chosen)) == len(chosen)
    assert {(node.name, node.name) for node in nodes} <= set(chosen)
