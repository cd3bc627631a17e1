from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from sessiondoctor.formats.jar import Jar, RawJar
from sessiondoctor.probes.browser.carrier import Carriers, carrier_of, carrying
from sessiondoctor.topology.model import SessionHeader, Site, Topology
from sessiondoctor.topology.steps import Flow, Step
from sessiondoctor.wire.message import Request
from tests.fakes.cluster import READ, WRITE, Call, Cluster, Reply, RoundRobin, Shop
from tests.fakes.cookie_header import header_for
from tests.probes.browser.test_extract import HTML, answered

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.fakes.cluster import App

URL = "http://shop.test/"
SITE = Topology(Site(URL))
SID = "9f1c2d3e-1111-4222-8333-444455556666"


def in_header(app: App, name: str = "X-Auth-Token") -> App:
    """The same application, its session in a header instead of a cookie."""

    def answer(call: Call) -> Reply:
        cookie = f"JSESSIONID={call.headers.get(name.lower(), '')}"
        return _moved(app(replace(call, headers={**call.headers, "cookie": cookie})), lambda sid: (name, sid))

    return answer


def in_urls(app: App) -> App:
    """The same application, its session in the links of its pages."""

    def answer(call: Call) -> Reply:
        path, _, rest = call.path.partition(";jsessionid=")
        sid = re.split(r"[?;]", rest)[0]
        reply = app(replace(call, path=path, headers={**call.headers, "cookie": f"JSESSIONID={sid}"}))
        new = _set(reply)
        link = f"<a href='/cart;jsessionid={new or sid}'>cart</a>" if new or sid else ""
        return replace(_moved(reply, lambda _: None), body=reply.body + link)

    return answer


def _set(reply: Reply) -> str:
    line = next((value for name, value in reply.headers if name == "Set-Cookie"), "")
    return line.partition("=")[2].partition(";")[0]


def _moved(reply: Reply, header: Callable[[str], tuple[str, str] | None]) -> Reply:
    sid, others = _set(reply), tuple(pair for pair in reply.headers if pair[0] != "Set-Cookie")
    extra = header(sid) if sid else None
    return replace(reply, headers=(*others, *([extra] if extra else [])))


def shops(*, shared: bool) -> list[Shop]:
    """Two nodes."""
    sessions: dict[str, list[str]] = {}
    return [Shop(name, sessions if shared else {}, cookie="JSESSIONID") for name in ("app1", "app2")]


@pytest.mark.parametrize("wrap", [in_header, in_urls])
@pytest.mark.parametrize("shared", [True, False])
def test_sessions_that_are_in_no_cookie_are_followed(wrap: Callable[[App], App], shared: bool) -> None:  # noqa: FBT001
    """Through the entry and on the nodes, kept or lost; nothing is said of cookies."""
    nodes = shops(shared=shared)
    instead = {node.name: wrap(node) for node in nodes}
    visits = Cluster(wrap(RoundRobin(nodes)), nodes, instead=instead).visits()
    assert visits.carrier == ("header" if wrap is in_header else "url")
    assert (visits.cookies, visits.session_cookie) == ((), None)
    states = {one.state for trace in visits.returning for one in trace.exchanges[1:]}
    assert states == ({"kept"} if shared else {"kept", "lost"})
    assert all(one.session for trace in visits.returning for one in trace.exchanges)
    assert not [one.dropped for trace in visits.returning for one in trace.exchanges if one.dropped]
    replay = Cluster(wrap(RoundRobin(nodes)), nodes, instead=instead).replay()
    assert {cell.state for cell in replay.own} == {"kept"}
    assert {cell.state for cell in replay.other} == ({"kept"} if shared else {"lost"})
    assert all(visit.session for visit in replay.visits)


def test_what_an_empty_header_takes_back_is_not_sent_again() -> None:
    """As Spring Session ends one."""
    jar, carriers = Jar(), Carriers()
    for value, sent in ((SID, 1), ("", 0)):
        for handed in carriers.handed_out(answered(URL, 200, (("X-Auth-Token", value),), ""), jar):
            jar.carry(handed[0], handed[1], URL, 0.0, handed[2])
        assert len(jar.all()) == sent


@pytest.mark.parametrize(("status", "found"), [(202, 1), (406, 0), (500, 0)])
def test_an_error_hands_out_no_session_in_a_header(status: int, found: int) -> None:
    """A server of MCP names one beside "Not Acceptable"; no client goes on with it."""
    response = answered(URL, status, (("mcp-session-id", SID),), "")
    assert len([*Carriers().handed_out(response, Jar())]) == found


def test_a_declared_header_comes_before_the_known_ones() -> None:
    """Also where its names in requests and responses differ."""
    declared = replace(SITE, site=replace(SITE.site, session_header=SessionHeader("X-New-Session", "X-Session")))
    response = answered(URL, 200, (("X-New-Session", SID), ("X-Auth-Token", "other")), "")
    assert [*Carriers.of(declared).handed_out(response, Jar())] == [("X-Session", SID, "header")]


@pytest.mark.parametrize(
    ("headers", "body", "found"),
    [
        ((HTML,), "<a href='/x;jsessionid=ABCDEF0123456789'>", [("JSESSIONID", "ABCDEF0123456789", "url")]),
        ((("Location", "/y;jsessionid=ABCDEF0123?a=1"),), "", [("JSESSIONID", "ABCDEF0123", "url")]),
        ((HTML,), "<a href='/x?a=1&PHPSESSID=abcdef0123456789'>", [("PHPSESSID", "abcdef0123456789", "url")]),
        ((HTML, ("Set-Cookie", "JSESSIONID=ABCDEF01")), "<a href='/x;jsessionid=ABCDEF01'>", []),
        ((("Content-Type", "text/plain"),), "/x;jsessionid=ABCDEF0123456789", []),
    ],
)
def test_an_id_in_urls_is_recognised(headers: tuple[tuple[str, str], ...], body: str, found: list[object]) -> None:
    """In redirects and links; not where the site sets the cookie as well, which a browser then sends."""
    response = answered(URL, 200, headers, body)
    assert [*Carriers().handed_out(response, Jar())] == found
    assert [*Carriers(urls=False).handed_out(response, Jar())] == []


def test_requests_carry_what_is_held() -> None:
    """A header that a step declares itself stays as it is; a URL is rewritten once."""
    jar = RawJar()
    jar.carry("X-Auth-Token", SID, URL, 0.0, "header")
    jar.carry("JSESSIONID", "ABC", URL, 0.0, "url")
    plain = carrying(Request("http://shop.test/cart?a=1"), jar.all())
    assert plain.headers == (("X-Auth-Token", SID),)
    assert plain.url == "http://shop.test/cart;jsessionid=ABC?a=1"
    own = carrying(Request("http://shop.test/", headers=(("x-auth-token", "mine"),)), jar.all())
    assert own.headers == (("x-auth-token", "mine"),)
    assert header_for(jar, URL, 1.0) == ""


def test_a_bearer_token_of_the_flow_is_a_session_in_a_header() -> None:
    """A CSRF header is none."""
    step = Step("/cart", headers={"Authorization": "Bearer {jwt}"})
    assert carrier_of(replace(SITE, site=Site(URL, flow=Flow(write=(WRITE,), read=(step,)))), ()) == "header"
    csrf = Step("/cart", headers={"X-CSRF-Token": "{csrf}"})
    assert carrier_of(replace(SITE, site=Site(URL, flow=Flow(write=(csrf,), read=(READ,)))), ()) == "cookie"
