from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from sessiondoctor.context import Options
from sessiondoctor.errors import Unavailable
from sessiondoctor.probes.contract import Absent
from sessiondoctor.probes.flows import logins
from sessiondoctor.probes.flows.visitors import origin_of
from sessiondoctor.topology.model import Node, bare
from sessiondoctor.topology.steps import Flow
from tests.fakes.cluster import Reply
from tests.fakes.login_site import (
    LOGGED_IN,
    LOGIN,
    NEVER,
    NODE,
    READ,
    WRITE,
    Club,
    Visit,
    apart,
    clubs,
    in_turns,
)

if TYPE_CHECKING:
    from sessiondoctor.context import Context
    from sessiondoctor.evidence.flows.logins import Logins

FLOW = Flow(login=LOGIN, logged_in=LOGGED_IN, node=NODE)


async def _log_in(context: Context) -> Logins:
    return await logins.log_in(context, later_s=0.01)


def found(nodes: list[Club], entry: Any = None, flow: Flow = FLOW, **settings: Any) -> Logins:
    """What is seen of two logins; the first node is the entry unless said otherwise."""
    visit = Visit(entry or nodes[0], nodes, flow, **settings)
    evidence: Logins = visit.run(logins.plan, _log_in)
    return evidence


def test_a_login_that_gives_a_new_id() -> None:
    """Everybody knows it at once, through the entry and directly."""
    nodes = clubs()
    seen = found(nodes, in_turns(nodes))
    assert len(seen.runs) == 2
    assert seen.comparable
    for run in seen.runs:
        assert run.rotated is True
        assert (run.before[:4], run.after[:4], run.trouble) == ("sid:", "sid:", "")
        assert [exchange.status for exchange in run.steps.exchanges] == [200, 200]
        assert [exchange.state for exchange in run.looks.exchanges] == ["kept"] * 3
        assert [(one.node, one.at_once, one.status) for one in run.nodes] == [("app1", "in", 200), ("app2", "in", 200)]


def test_a_login_that_keeps_the_id() -> None:
    """The id that was there before anybody logged in is the logged-in one."""
    run = found(clubs(rotates=False)).runs[0]
    assert run.rotated is False
    assert run.before == run.after != ""


@pytest.mark.parametrize("rotates", [True, False])
def test_a_login_without_a_page_of_its_own(rotates: bool) -> None:  # noqa: FBT001 - both ways
    """The first visitor has no session before; the second has put something into one."""
    ids = iter(f"{n:026d}" for n in range(10, 99))

    def site(call: Any) -> Reply:
        if call.method == "GET":
            return Reply(body="Sign out")
        new = call.path == "/login" and rotates
        return Reply() if call.cookies.get("PHPSESSID") and not new else _with_id(next(ids))

    flow = Flow(login=LOGIN[1:], logged_in=LOGGED_IN, write=WRITE, read=READ)
    new_client, member = Visit(site, [], flow).run(logins.plan).runs
    assert (new_client.before, new_client.rotated) == ("", None)
    assert member.rotated is rotates


def _with_id(sid: str) -> Reply:
    return Reply(headers=(("Set-Cookie", f"PHPSESSID={sid}; Path=/; HttpOnly"),))


def test_a_node_that_learns_the_new_id_late() -> None:
    """It says no at once and yes when it is asked again."""
    nodes = clubs(3)
    nodes[1].deaf_for = 1
    for run in found(nodes).runs:
        assert [(one.at_once, one.later) for one in run.nodes] == [("in", "unknown"), ("out", "in"), ("in", "unknown")]


def test_a_node_that_never_learns_the_new_id() -> None:
    """It says no twice; the cookies it is shown are those of the login's end, whatever it set itself."""
    nodes = clubs(2)
    nodes[1].deaf_for = NEVER
    for run in found(nodes).runs:
        assert [(one.at_once, one.later) for one in run.nodes] == [("in", "unknown"), ("out", "out")]
        assert [exchange.state for exchange in run.looks.exchanges] == ["kept"] * 3


def test_a_node_that_does_not_know_it_behind_the_balancer() -> None:
    """The client is logged in on one request and logged out on the next."""
    nodes = clubs(2)
    nodes[1].deaf_for = NEVER
    nodes[0].deaf_for = NEVER
    states = [exchange.state for run in found(nodes, in_turns(nodes)).runs for exchange in run.looks.exchanges]
    assert {"kept", "lost"} == set(states)


def test_a_page_after_the_login_that_replaces_the_session() -> None:
    """The redirect leads to a node that does not know the new id and begins another session: the login's own counts."""
    nodes = clubs(3, deaf_for=NEVER)
    for run in found(nodes, in_turns(nodes)).runs:
        assert run.rotated is True
        assert sorted(one.at_once for one in run.nodes) == ["in", "out", "out"]
        assert {exchange.state for exchange in run.looks.exchanges} == {"lost"}
        assert run.looks.exchanges[0].session != run.after


def test_a_login_that_is_refused() -> None:
    """The step, its status and the nodes of all steps are told; nobody is asked whether it worked."""
    nodes = clubs(password="another")
    visit = Visit(nodes[0], nodes, FLOW)
    for run in visit.run(logins.plan).runs:
        assert run.trouble == "POST /login: status 403"
        assert [(exchange.node, exchange.status, exchange.trouble) for exchange in run.steps.exchanges] == [
            ("app1", 200, ""),
            ("app1", 403, "POST /login: status 403"),
        ]
        assert (run.looks.exchanges, run.nodes, run.before, run.after, run.rotated) == ((), (), "", "", None)
    assert visit.asked["app2"] == 0


def test_a_login_form_that_another_node_made() -> None:
    """With sessions of their own and no affinity the second step comes to a new client."""
    nodes = apart(2)
    seen = found(nodes, in_turns(nodes))
    assert {run.trouble for run in seen.runs} == {"POST /login: status 403"}
    assert all(run.steps.moved for run in seen.runs)


def test_a_login_that_does_not_last() -> None:
    """All its steps work, and then nobody is logged in."""
    for run in found(clubs(logs_in=False)).runs:
        assert run.trouble == ""
        assert {exchange.state for exchange in run.looks.exchanges} == {"lost"}
        assert {one.at_once for one in run.nodes} == {"out"}


def test_without_logged_in_nothing_is_known() -> None:
    """The ids are compared all the same."""
    nodes = clubs(2)
    visit = Visit(nodes[0], nodes, replace(FLOW, logged_in=()))
    run = visit.run(logins.plan).runs[0]
    assert run.rotated is True
    assert run.looks.exchanges == ()
    assert [(one.node, one.at_once, one.later) for one in run.nodes] == [
        ("app1", "unknown", "unknown"),
        ("app2", "unknown", "unknown"),
    ]
    assert visit.asked["app2"] == 0


def test_a_node_that_refuses_or_fails_is_in_error() -> None:
    """That is no answer to whether it knows the login; the others are asked nevertheless."""
    nodes = clubs(4)
    nodes[2].status = 500
    nodes[3].status = 0
    said = found(nodes, dead=frozenset({"app2"})).runs[0].nodes
    assert [(one.node, one.at_once, one.status) for one in said] == [
        ("app1", "in", 200),
        ("app2", "error", 0),
        ("app3", "error", 500),
        ("app4", "error", 0),
    ]


def test_a_site_that_does_not_answer_is_no_evidence() -> None:
    """Could not look."""
    nodes = clubs(2)
    with pytest.raises(Unavailable, match=r"127\.0\.0\.1"):
        found(nodes, lambda _: Reply(0))


def test_a_status_that_means_logged_out_only_if_looking_works() -> None:
    """A node without the page: 404 is a no, as others show it."""
    nodes = clubs(2)
    nodes[1].status = 404
    assert [one.at_once for one in found(nodes).runs[0].nodes] == ["in", "out"]


def test_a_site_that_redirects_to_its_login() -> None:
    """Opening the site leads somewhere first; that is within the plan, too."""
    nodes = clubs(1)

    def entry(call: Any) -> Reply:
        return Reply(302, headers=(("Location", "/login"),)) if call.path == "/" else nodes[0](call)

    assert all(run.rotated for run in found(nodes, entry).runs)


def test_nothing_is_planned_without_a_login() -> None:
    """The hint says what to declare."""
    (absent,) = logins.plan(bare("http://shop.test/"), Options())
    assert isinstance(absent, Absent)
    assert "site.flow.login" in absent.hint


@pytest.mark.parametrize(
    ("headers", "origin"),
    [
        ({}, "http://10.0.0.1:3000"),
        ({"Host": "shop.test"}, "http://shop.test"),
        ({"host": "shop.test", "X-Forwarded-Proto": "https"}, "https://shop.test"),
    ],
)
def test_the_origin_is_the_address_as_the_node_sees_it(headers: dict[str, str], origin: str) -> None:
    """Frameworks compare it with the host that they were asked for."""
    assert origin_of(Node("app1", url="http://10.0.0.1:3000/", headers=headers)) == origin
