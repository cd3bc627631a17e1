"""Clocks by the dates in cookies, and how far off they may be."""

from __future__ import annotations

import base64
import time
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sessiondoctor.formats.set_cookie import read_set_cookie
from sessiondoctor.probes.browser.results import Answer, FlowResult, Setting, StepResult
from sessiondoctor.probes.responses.cookie_roles import roles_of
from sessiondoctor.probes.responses.signed_dates import balancer_clocks, issuer_clock, signer_clock
from sessiondoctor.topology.model import Balancer, Node
from sessiondoctor.wire.message import Response
from tests.fakes.cluster import Call, Cluster, Reply, RoundRobin, Shop, sharing
from tests.fakes.peers import topology

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sessiondoctor.evidence.network.clocks import Reading
    from sessiondoctor.topology.model import Topology

NOW = 1795227488.0
BASE64 = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
DECLARED = topology(load_balancers=(Balancer("edge", "haproxy"),), nodes=(Node("app1"),))
# Golden: flask 3, {"cart": ["tea"]} signed with "k" at 1795227488 by itsdangerous 2.2.
FLASK = "eyJjYXJ0IjpbInRlYSJdfQ.awD_YA.h6lunFkxbRr6pTf41HI5EF6QZ-M"


def stamp(clock: float) -> str:
    """The date that HAProxy writes when its clock stands so: s30tob64((date.tv_sec + 3) >> 2)."""
    units = (int(clock) + 3) >> 2
    return "".join(BASE64[units >> shift & 63] for shift in (24, 18, 12, 6, 0))


def answer(
    header: str, sent_at: float = NOW - 0.1, answered_at: float = NOW + 0.1, *headers: tuple[str, str]
) -> Answer:
    """A response that sets one cookie."""
    response = Response("http://shop.test/", 200, headers, b"", False, "1.1", "", False, sent_at, answered_at, 0.1)  # noqa: FBT003 - truncated, reused
    setting = Setting(read_set_cookie(header), response.url, "", answered_at)
    return Answer("GET", response, (), (setting,), ())


def read(answers: Sequence[Answer], of: Topology = DECLARED) -> tuple[Reading, ...]:
    """What is read of these answers."""
    return balancer_clocks(answers, roles_of([one for each in answers for one in each.settings], of), of)


def haproxy(clock: float, sent_at: float = NOW - 0.1, answered_at: float = NOW + 0.1) -> Answer:
    """A response through a HAProxy whose clock stands so when it answers."""
    return answer(f"SRV=app1|{stamp(clock)}|{stamp(clock)}; path=/", sent_at, answered_at)


def made(*answers: Answer) -> FlowResult:
    """A turn with these answers."""
    return FlowResult((StepResult(ok=True, answers=answers),))


def test_the_stamp_is_haproxys() -> None:
    """As in the golden cookie of the formats' tests."""
    assert [stamp(NOW - 4), stamp(NOW - 3), stamp(NOW), stamp(NOW + 1)] == ["awD/X", "awD/Y", "awD/Y", "awD/Z"]


def test_one_cookie_of_haproxy() -> None:
    """A date stands for four seconds, which end with it: 3 s before to 1 s after, and what the response took."""
    (reading,) = read([haproxy(NOW)])
    assert (reading.subject, reading.source) == ("edge", "affinity-cookie")
    assert reading.low_s == pytest.approx(-3.1, abs=0.001)
    assert reading.high_s == pytest.approx(1.15, abs=0.001)


@given(
    offset=st.floats(-1e5, 1e5),
    at=st.lists(st.tuples(st.floats(0, 20), st.floats(0, 1), st.floats(0, 1)), min_size=1, max_size=12),
)
def test_the_truth_is_always_within(offset: float, at: list[tuple[float, float, float]]) -> None:
    """Whenever HAProxy reads its clock between request and answer, and however often."""
    answers = [haproxy(NOW + t + offset, NOW + t - before, NOW + t + after) for t, before, after in at]
    (reading,) = read(answers)
    assert abs(reading.offset_s - offset) <= reading.uncertainty_s


def test_more_cookies_tell_more() -> None:
    """Where the date turns lies between two of them."""
    (reading,) = read([haproxy(NOW + 60 + t, NOW + t - 0.01, NOW + t + 0.01) for t in (0.0, 0.5, 1.0, 1.5, 2.0)])
    assert reading.offset_s == pytest.approx(60, abs=reading.uncertainty_s)
    assert reading.uncertainty_s < 0.35


@pytest.mark.parametrize(
    ("of", "subjects"),
    [
        (DECLARED, ["edge"]),
        (topology(load_balancers=(Balancer("outer", affinity_cookie="SRV"), Balancer("in", "haproxy"))), ["outer"]),
        (topology(load_balancers=(Balancer("a", "haproxy"), Balancer("b", "haproxy")), nodes=(Node("app1"),)),
         ["HAProxy (cookie SRV)"]),
        (topology(nodes=(Node("app1"),)), ["HAProxy (cookie SRV)"]),
        (topology(), ["HAProxy (cookie SRV)"]),
        (topology(load_balancers=(Balancer("edge", "nginx", affinity_cookie="SRV"),)), ["HAProxy (cookie SRV)"]),
    ],
)  # fmt: skip
def test_whose_clock_it_is(of: Topology, subjects: list[str]) -> None:
    """Of the one declared balancer that it may be; else the cookie is named."""
    assert [reading.subject for reading in read([haproxy(NOW)], of)] == subjects


@pytest.mark.parametrize(
    "answers",
    [
        [answer("SRV=app1; path=/")],
        [answer("ROUTEID=.app1; path=/")],
        [answer("theme=dark|abcde; path=/")],
        [answer(f"SRV=app1|{stamp(NOW)}; path=/", NOW, NOW, ("Age", "40"))],
        [haproxy(NOW), haproxy(NOW + 900)],
    ],
    ids=["no date", "of another product", "no affinity cookie", "out of a cache", "of two clocks"],
)
def test_what_tells_no_time(answers: list[Answer]) -> None:
    """No guess is made."""
    assert read(answers) == ()


def test_a_cookie_that_flask_has_signed() -> None:
    """Whole seconds, at any moment since the first request was sent."""
    login = answer("seen=1", NOW - 0.7, NOW - 0.4)
    last = answer(f"session={FLASK}; Path=/", NOW - 0.2, NOW + 0.3)
    reading = signer_clock("app1", made(login, last), last.settings[0])
    assert reading
    assert (reading.subject, reading.source) == ("app1", "session-cookie")
    assert reading.low_s == pytest.approx(-0.3, abs=0.001)
    assert reading.high_s == pytest.approx(1.7, abs=0.001)


def test_cookies_that_nobody_dates() -> None:
    """None at all, one that says nothing, one that is taken back."""
    plain = answer("connect.sid=s%3Aabc.def; Path=/")
    assert signer_clock("app1", made(plain), None) is None
    assert signer_clock("app1", made(plain), plain.settings[0]) is None
    gone = answer(f"session={FLASK}; Max-Age=0")
    deleted = Setting(gone.settings[0].cookie, "http://shop.test/", "", NOW, deletes=True)
    assert signer_clock("app1", made(gone), deleted) is None
    assert issuer_clock("app1", "token", NOW, FlowResult(()), NOW) is None


class Flask(Shop):
    """A node that signs its cookies a minute behind; nobody reads them here."""

    def _value(self, sid: str) -> str:
        signed = base64.urlsafe_b64encode(int(time.time() - 60).to_bytes(4, "big")).decode().rstrip("=")
        payload = base64.urlsafe_b64encode(b'{"sid":"%s"}' % sid.encode()).decode().rstrip("=")
        return f"{payload}.{signed}.{'A' * 27}"


def test_the_replay_reads_the_nodes_clocks() -> None:
    """From the cookies that it gets anyway."""
    nodes: list[Shop] = [Flask("app1", cookie="session"), Shop("app2")]
    visits = Cluster(RoundRobin(nodes), nodes).replay().visits
    first, second = (visit.clock for visit in visits)
    assert first
    assert (first.subject, first.source) == ("app1", "session-cookie")
    assert abs(first.offset_s + 60) <= first.uncertainty_s
    assert second is None


def test_the_visits_read_the_balancers_clock() -> None:
    """From all the cookies that it sets, without a request more."""
    nodes = sharing()
    balancer = RoundRobin(nodes)

    def entry(call: Call) -> Reply:
        reply = balancer(call)
        node, now = dict(reply.headers)["X-Node"], stamp(time.time() + 900)
        return reply.with_headers(("Set-Cookie", f"SRV={node}|{now}|{now}; Path=/"))

    (reading,) = Cluster(entry, nodes, topology={"load_balancers": (Balancer("edge", "haproxy"),)}).visits().clocks
    assert (reading.subject, reading.source) == ("edge", "affinity-cookie")
    assert abs(reading.offset_s - 900) <= reading.uncertainty_s < 2.5


def test_visits_without_dates_tell_no_clock() -> None:
    """A cookie that only names a node."""
    nodes = sharing()
    assert Cluster(RoundRobin(nodes, affinity="SRV"), nodes).visits().clocks == ()
