"""The HTTP probes on the embedded cluster, whose shop behaves as express-session does."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from sessiondoctor.context import Options
from sessiondoctor.probes.entry import visits
from sessiondoctor.probes.nodes import replay
from tests.fakes.demo_run import ask

if TYPE_CHECKING:
    from sessiondoctor.evidence.entry.visits import Visits
    from sessiondoctor.evidence.nodes.replay import Replay


def test_clients_of_a_healthy_site_keep_their_state_on_every_node() -> None:
    """They move, as round robin has it, and nothing is lost; the shop is recognised."""
    found: Visits = ask(visits.plan).evidence
    assert found.returning[0].moved
    assert not any(trace.lost for trace in found.returning)
    assert found.nodes == ("app1", "app2", "app3")
    assert (found.stack, found.flow, found.leaked, found.shared_sessions) == ("express", True, False, 0)
    assert {reread.state for reread in found.rereads} == {"kept"}


def test_a_lost_session_is_seen_where_it_is_lost() -> None:
    """The node with another secret forgets the others' clients."""
    found: Visits = ask(visits.plan, "signing-secret-mismatch").evidence
    assert "lost" in {exchange.state for trace in found.returning for exchange in trace.exchanges}


def test_what_a_browser_does_not_return_is_tried_by_a_raw_client() -> None:
    """The browser loses the session, the raw client keeps it."""
    found: Visits = ask(visits.plan, "cookie-path-mismatch").evidence
    assert found.raw
    assert {exchange.state for exchange in found.raw.exchanges} == {"kept"}
    assert found.session_cookie
    assert "Path=/shop" in found.session_cookie.withheld


def test_frozen_cookies_show_where_a_balancer_sends_them() -> None:
    """With one route on all nodes every request of such a client meets the same node."""
    found: Visits = ask(visits.plan, "route-id-mismatch").evidence
    assert found.frozen
    assert set(found.frozen.nodes[1:]) == {"app1"}


@pytest.mark.parametrize("fault", ["none", "cookie-path-mismatch", "lb-no-affinity"])
@pytest.mark.parametrize("requests", [None, 40])
def test_no_visits_beyond_the_plan(fault: str, requests: int | None) -> None:
    """The plan is a promise, and no cookie's value is in the evidence."""
    asked = ask(visits.plan, fault, Options(requests=requests))
    assert asked.sent.keys() <= asked.planned.keys()
    assert all(asked.sent[peer] <= asked.planned[peer] for peer in asked.sent)
    assert "s%3A" not in repr(asked.evidence)
    assert asked.secret not in repr(asked.evidence)


@pytest.mark.parametrize("fault", ["none", "node-local-store", "secure-cookie-behind-tls-offload"])
def test_no_replays_beyond_the_plan(fault: str) -> None:
    """Likewise, also where everything is tried again."""
    asked = ask(replay.plan, fault)
    assert all(asked.sent[peer] <= asked.planned[peer] for peer in asked.sent)
    assert "s%3A" not in repr(asked.evidence)


def test_nodes_that_share_know_every_session() -> None:
    """All cells are kept, and no id is replaced."""
    found: Replay = ask(replay.plan).evidence
    assert found.matrix()["rows"] == [["kept"] * 3] * 3
    assert {cell.id_fate for cell in found.cells} == {"same"}


def test_one_node_with_another_secret_is_the_outlier() -> None:
    """Its row and its column are lost, each time, and the sessions live on at home."""
    found: Replay = ask(replay.plan, "signing-secret-mismatch").evidence
    lost = [cell for cell in found.cells if cell.state == "lost"]
    assert found.outlier == "app2"
    assert {(cell.seen, cell.back) for cell in lost} == {(("lost",) * 4, "kept")}


def test_a_destructive_miss_is_told_from_a_benign_one() -> None:
    """The node whose clock is ahead deletes the session: it is gone at home, too."""
    found: Replay = ask(replay.plan, "clock-skew").evidence
    lost = [cell for cell in found.cells if cell.state == "lost"]
    assert {cell.read_on for cell in lost} == {"app2"}
    assert {(cell.back, cell.back_newest) for cell in lost} == {("lost", "lost")}


def test_routes_and_schemes_are_seen() -> None:
    """The route that each node writes; that no cookie is set, whatever the request says."""
    routes: Replay = ask(replay.plan, "route-id-mismatch").evidence
    schemes: Replay = ask(replay.plan, "secure-cookie-behind-tls-offload").evidence
    assert [visit.session_cookie.route for visit in routes.visits if visit.session_cookie] == ["app1"] * 3
    assert [visit.cookies_if_https for visit in schemes.visits] == [()] * 3
