"""A session that is left, and read again later."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack
from dataclasses import replace
from typing import Any

import pytest

from sessiondoctor.context import Context, Options
from sessiondoctor.errors import Unavailable
from sessiondoctor.probes.browser.left_session import LeftSession
from sessiondoctor.probes.contract import Absent
from sessiondoctor.probes.entry import resumed
from sessiondoctor.redact import Redactor
from sessiondoctor.topology.model import Node, Site, Topology, bare
from sessiondoctor.topology.steps import Flow
from sessiondoctor.wire.client import Wire
from sessiondoctor.wire.message import Limits
from sessiondoctor.wire.pace import Pace
from tests.fakes.cluster import FLOW, Call, Reply, RoundRobin, Shop, answering, shops
from tests.fakes.serving import serve


async def _nothing(_: type[object]) -> Any:
    raise AssertionError("neither needs other evidence")


def told(before: Shop, after: Any, flow: Flow = FLOW, **changes: Any) -> Any:
    """What is seen of a session left at one shop, at the same address, where another one answers since."""

    async def both() -> Any:
        running = [before]

        def whoever(call: Call) -> Reply:
            return running[0](call)

        async with AsyncExitStack() as stack:
            site = await stack.enter_async_context(serve(answering(whoever)))
            topology = Topology(Site(site.url, flow=flow), nodes=(Node("app1", url=site.url),))
            wire = await stack.enter_async_context(Wire(limits=Limits(), pace=Pace(0)))
            context = Context(topology, Options(), wire, Redactor(), _nothing)
            left = replace(await resumed.leave(context), **changes)
            running[0] = after or before
            return await resumed.resume(replace(context, options=Options(left=left)))

    return asyncio.run(both())


def test_a_session_that_survives() -> None:
    """At the site in every look, and on its node."""
    found = told(Shop("app1"), None)
    assert found.site == ("kept",) * 4
    assert found.nodes == {"app1": "kept"}
    assert (found.cookie, found.signed, found.stored) == ("connect.sid", True, "unknown")
    assert found.refused == ()


def test_a_secret_that_is_replaced() -> None:
    """The sessions are there, and nobody accepts them."""
    kept: Any = {}
    found = told(Shop("app1", sessions=kept), Shop("app1", sessions=kept, secret="other"))
    assert found.site == ("lost",) * 4
    assert found.refusing == ("app1",)
    assert kept


def test_half_of_the_nodes() -> None:
    """One knows it, one does not."""
    first, other = shops(2)
    found = told(first, RoundRobin([first, other]))
    assert set(found.site) == {"kept", "lost"}


def test_a_node_that_fails_is_an_error() -> None:
    """Not unknown: whoever cannot read an object of an older class answers 500."""
    kept: Any = {}
    found = told(Shop("app1", sessions=kept), Shop("app1", sessions=kept, status=500))
    assert set(found.states) == {"error"}


def test_what_another_site_left_is_refused() -> None:
    """The cookies go nowhere else."""
    with pytest.raises(Unavailable, match=r"left at https://other\.test/"):
        told(Shop("app1"), None, target="https://other.test/")


@pytest.mark.parametrize(("shop", "flow"), [(Shop("app1", writes=False), FLOW), (Shop("app1"), Flow())])
def test_nothing_is_left_where_nothing_is_kept(shop: Shop, flow: Flow) -> None:
    """A site that keeps no session, or of which nothing says how that is seen."""
    with pytest.raises(Unavailable):
        told(shop, None, flow)


def test_nobody_is_asked_without_a_session() -> None:
    """And the plan says how one is left."""
    (absent,) = resumed.plan(bare("https://shop.test/"), Options())
    assert isinstance(absent, Absent)
    assert "--leave-session" in absent.hint


def test_the_plan_counts_its_requests() -> None:
    """Four looks at the site, one on each node; each may be redirected once."""
    left = LeftSession("https://shop.test/", "https://shop.test/", 1.0, b"k" * 32)
    topology = replace(bare("https://shop.test/"), nodes=(Node("app1", url="http://10.0.0.1/"),))
    (probe,) = resumed.plan(topology, Options(left=left))
    assert not isinstance(probe, Absent)
    assert probe.contacts == {"shop.test:443": 8, "10.0.0.1:80": 2}
