from __future__ import annotations

import asyncio

import pytest

from sessiondoctor.errors import Unavailable
from sessiondoctor.evidence.visits import Visits
from sessiondoctor.probes import visits
from sessiondoctor.probes.contract import Context, Options, Probe
from sessiondoctor.probes.visits import from_cache
from sessiondoctor.redact import Vault
from sessiondoctor.topology.model import bare
from sessiondoctor.wire.client import Wire
from sessiondoctor.wire.message import Limits
from sessiondoctor.wire.pace import Pace
from tests.probes.shop import Asked, ask


def seen(asked: Asked) -> Visits:
    """The evidence, typed."""
    assert isinstance(asked.evidence, Visits)
    return asked.evidence


def test_clients_of_a_healthy_site_keep_their_state_on_every_node() -> None:
    """They move, as round robin has it, and nothing is lost; the shop is recognised."""
    found = seen(ask(visits.plan))
    assert all(walk.moved and not walk.lost for walk in found.returning)
    assert found.nodes == ("app1", "app2", "app3")
    assert (found.stack, found.flow, found.leaked, found.shared_sessions) == ("express", True, False, 0)
    assert [reread.state for reread in found.rereads] == ["kept"]


def test_the_session_cookie_is_described_without_its_value() -> None:
    """Name, product, attributes and a token."""
    cookie = seen(ask(visits.plan)).session_cookie
    assert cookie
    assert (cookie.name, cookie.product, cookie.signed, cookie.path) == ("connect.sid", "express-session", True, "/")
    assert cookie.token.startswith("sid:")


def test_a_lost_session_is_seen_where_it_is_lost() -> None:
    """The node with another secret forgets the others' clients."""
    found = seen(ask(visits.plan, "signing-secret-mismatch"))
    states = {(hop.node, hop.state) for walk in found.returning for hop in walk.hops}
    assert any(state == "lost" for _, state in states)


def test_what_a_browser_does_not_return_is_tried_by_a_raw_client() -> None:
    """The browser loses the session, the raw client keeps it."""
    found = seen(ask(visits.plan, "cookie-path-mismatch"))
    assert found.raw
    assert [hop.state for hop in found.raw.hops] == ["kept"] * 3
    assert found.session_cookie
    assert "Path=/shop" in found.session_cookie.withheld


def test_frozen_cookies_show_where_a_balancer_sends_them() -> None:
    """With one route on all nodes every request of such a client meets the same node."""
    found = seen(ask(visits.plan, "route-id-mismatch"))
    assert found.frozen
    assert set(found.frozen.nodes[1:]) == {"app1"}


@pytest.mark.parametrize("fault", ["none", "cookie-path-mismatch", "lb-no-affinity"])
@pytest.mark.parametrize("requests", [None, 40])
def test_no_more_requests_than_planned(fault: str, requests: int | None) -> None:
    """The plan is a promise."""
    asked = ask(visits.plan, fault, Options(requests=requests))
    assert asked.sent.keys() == asked.planned.keys()
    assert all(asked.sent[peer] <= asked.planned[peer] for peer in asked.sent)


def test_more_requests_make_longer_walks() -> None:
    """They are shared among the returning clients."""
    found = seen(ask(visits.plan, options=Options(requests=31)))
    assert sum(len(walk.hops) for walk in found.returning) == 31


def test_no_evidence_holds_a_cookie_value() -> None:
    """Neither ids nor signatures: nothing long enough to be one."""
    asked = ask(visits.plan, "signing-secret-mismatch")
    assert "s%3A" not in repr(asked.evidence)
    assert asked.secret not in repr(asked.evidence)


def test_a_site_that_is_down_is_unavailable() -> None:
    """One line, with what to do."""

    async def visit() -> None:
        topology = bare("http://127.0.0.1:1/")
        (probe,) = (entry for entry in visits.plan(topology, Options()) if isinstance(entry, Probe))
        async with Wire(limits=Limits(), pace=Pace(None)) as wire:
            await probe.ask(Context(topology, Options(), wire, Vault(), lambda _: asyncio.sleep(0), {}))

    with pytest.raises(Unavailable, match=r"127\.0\.0\.1:1: connection refused"):
        asyncio.run(visit())


@pytest.mark.parametrize(
    ("headers", "cached"),
    [
        ({"x-cache": "HIT"}, True),
        ({"cf-cache-status": "HIT"}, True),
        ({"age": "12"}, True),
        ({"age": "0"}, False),
        ({"x-cache": "MISS"}, False),
        ({"x-cache": "whitelisted"}, False),
        ({}, False),
    ],
)
def test_a_shared_cache_says_so(headers: dict[str, str], cached: bool) -> None:  # noqa: FBT001 - a column of the table
    """Age and the usual headers."""
    assert from_cache(headers) is cached
