"""A scan of everything logs in as seldom as its questions need, one at a time, and is no burden to an account."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import pytest

from sessiondoctor.catalogue.check_files import builtin
from sessiondoctor.catalogue.loader import Catalogue
from sessiondoctor.pipeline.order import Order
from sessiondoctor.pipeline.scan import scan
from sessiondoctor.topology.model import Node, Site, Topology
from sessiondoctor.topology.steps import Flow, Step
from sessiondoctor.wire.client import Wire
from sessiondoctor.wire.message import Limits
from sessiondoctor.wire.pace import Pace
from tests.fakes.cluster import Call, _bytes, _call
from tests.fakes.login_site import FORM, LOGGED_IN, LOGIN, NODE, READ, WRITE, Club, apart, clubs, in_turns
from tests.fakes.serving import serve
from tests.test_request_budget import Quiet

if TYPE_CHECKING:
    from collections.abc import Callable

    from sessiondoctor.model import Report

FLOW = Flow(login=LOGIN, logged_in=LOGGED_IN, write=WRITE, read=READ, form=FORM, node=NODE)


@dataclass(slots=True)
class Counted:
    """What the servers saw of a scan."""

    calls: list[Call] = field(default_factory=list)
    beyond_plan: dict[str, int] = field(default_factory=dict)

    @property
    def logins(self) -> int:
        """How often somebody sent a password."""
        return sum(call.method == "POST" and call.path == "/login" for call in self.calls)


async def _scanned(nodes: list[Club], flow: Flow, counted: Counted) -> Report:
    def noting(app: Callable[[Call], object]) -> Callable[[bytes], bytes]:
        def answer(raw: bytes) -> bytes:
            call = _call(raw)
            counted.calls.append(call)
            return _bytes(app(call))  # type: ignore[arg-type]

        return answer

    async with AsyncExitStack() as stack:
        front = await stack.enter_async_context(serve(noting(in_turns(nodes))))
        servers = [await stack.enter_async_context(serve(noting(club))) for club in nodes]
        named = tuple(Node(club.name, url=server.url) for club, server in zip(nodes, servers, strict=True))
        topology = Topology(Site(front.url, flow=flow), nodes=named)
        everything = Catalogue((builtin(),))
        order = Order(topology, everything, tuple(everything.checks.values()))
        pace = Pace(0)
        wire = await stack.enter_async_context(Wire(limits=Limits(total_s=5.0), pace=pace))
        report = await scan(order, wire, Quiet())
        planned = order.plan().contacts()
    counted.beyond_plan = {place: sent for place, sent in pace.sent.items() if sent > planned.get(place, 0)}
    return report


def scanned(nodes: list[Club], flow: Flow = FLOW) -> tuple[Report, Counted]:
    """The report on these nodes behind a balancer that takes turns, and what the servers saw."""
    counted = Counted()
    report = asyncio.run(_scanned(nodes, flow, counted))
    assert counted.beyond_plan == {}
    return report, counted


@pytest.mark.timeout(90)
def test_three_nodes_that_share_sessions_take_six_logins() -> None:
    """Three through the entry, one on each node; and nothing is found to be wrong."""
    report, counted = scanned(clubs(3))
    assert counted.logins == 6
    assert report.diagnosis == ()


@pytest.mark.timeout(90)
def test_three_nodes_with_sessions_of_their_own_take_no_more() -> None:
    """Though the login through the entry is refused, where the form of one node is sent to the next."""
    report, counted = scanned(apart(3))
    assert counted.logins <= 6
    assert report.diagnosis


@pytest.mark.timeout(90)
def test_a_wrong_password_is_sent_twice() -> None:
    """And neither a store nor a balancer is blamed for it."""
    report, counted = scanned(clubs(3, password="another"))
    assert counted.logins == 2
    assert (report.diagnosis, report.advice) == ((), ())
    assert report.exit_code == 3
    assert any(one.check == "flow-not-understood" and one.status == "fail" for one in report.findings)


@pytest.mark.timeout(90)
@pytest.mark.parametrize("most", [1, 2, 5])
def test_an_account_with_few_sessions_is_no_fault_of_the_site(most: int) -> None:
    """The sites that keep some sessions a user are many; what the scan's own logins ended is no loss."""
    report, counted = scanned(clubs(3, most=most))
    assert (report.diagnosis, report.verdict, report.exit_code) == ((), "not-enough-access", 3)
    assert report.headline.startswith("this account may have few sessions at once")
    assert counted.logins <= 7


@pytest.mark.timeout(90)
def test_several_accounts_are_the_way_out() -> None:
    """They take turns, so that none of them has more than one session."""
    accounts = tuple({"user": f"user{number}"} for number in range(6))
    login = (LOGIN[0], replace(LOGIN[1], form={**LOGIN[1].form, "user": "{user}"}))
    report, counted = scanned(clubs(3, most=1), replace(FLOW, login=login, accounts=accounts))
    assert (report.diagnosis, report.verdict, counted.logins) == ((), "no-fault-found", 6)


@pytest.mark.timeout(90)
def test_nodes_that_do_not_share_sessions_end_none_of_them() -> None:
    """A session that another node does not know is there again where it was made."""
    report, _ = scanned(apart(3, token_in="nowhere"))
    assert report.diagnosis
    assert {one.status for one in report.findings if one.check == "sessions-ended-by-login"} == {"pass"}


@pytest.mark.timeout(90)
def test_sessions_are_logged_out_where_that_is_declared() -> None:
    """At the end, each with its own cookie."""
    _, counted = scanned(clubs(2), replace(FLOW, logout=(Step("/home?out=1"),)))
    out = [call for call in counted.calls if call.path == "/home?out=1"]
    assert len({call.cookies["PHPSESSID"] for call in out}) == len(out) == counted.logins == 5
