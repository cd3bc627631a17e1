"""Captures judged by the checks that judge a scan."""

from __future__ import annotations

import pytest

from sessiondoctor.captures.transcript import read_transcript
from sessiondoctor.captures.visits import visits_of
from sessiondoctor.redact import Redactor
from sessiondoctor.topology.model import bare
from tests.captures.judging import failed, judged

GOOD = "sid=Xk3jH5kq9sLm2nP4rT6vW8yZ1aB3cD5e; Path=/; HttpOnly; Secure; SameSite=Lax"
FIRST = """$ curl -i https://shop.test/
HTTP/1.1 200 OK
Set-Cookie: JSESSIONID=0123456789ABCDEF0123456789ABCDEF.app1; Path=/; HttpOnly; Secure

"""
KEPT = """$ curl -i -b JSESSIONID=0123456789ABCDEF0123456789ABCDEF.app1 https://shop.test/cart
HTTP/1.1 200 OK

"""
LOST = """$ curl -i -b JSESSIONID=0123456789ABCDEF0123456789ABCDEF.app1 https://shop.test/cart
HTTP/1.1 200 OK
Set-Cookie: JSESSIONID=FEDCBA9876543210FEDCBA9876543210.app2; Path=/; HttpOnly; Secure

"""
MOVED = FIRST + KEPT + LOST

FLASK = "session=eyJhIjoiYiJ9.ZZZZZZ.abcdefghijklmnopqrstuvwxyz0; Secure; Path=/; SameSite=Lax"
PHP = "PHPSESSID=0123456789abcdefghijklmnop"
CAUSES = {
    f"< Set-Cookie: {FLASK}     (http://10.0.0.5:30088)": "host-or-scheme-split",
    f"Set-Cookie: appSession.0={'x' * 4088}; Path=/; HttpOnly; Secure; SameSite=Lax": "cookie-too-large",
    f"HTTP/1.1 200 OK\nSet-Cookie: {PHP}; path=/; SameSite=None\n": "samesite-none-without-secure",
    f"$ curl -i https://a.test/\nHTTP/1.1 200 OK\nSet-Cookie: {PHP}; domain=b.test; secure\n": "cookie-domain-mismatch",
}


@pytest.mark.parametrize(("text", "cause"), CAUSES.items(), ids=CAUSES.values())
def test_a_set_cookie_tells_the_cause(text: str, cause: str) -> None:
    """The loss is what a browser makes of it."""
    report = judged(read_transcript(text))
    assert report.verdict == "fault-found"
    assert report.diagnosis[0].cause == cause


@pytest.mark.parametrize("before", ["", "$ curl -i https://shop.test/\nHTTP/2 200\n"])
def test_a_good_cookie_is_no_fault_and_no_all_clear(before: str) -> None:
    """Nothing was seen to survive."""
    report = judged(read_transcript(f"{before}Set-Cookie: {GOOD}\n"))
    assert report.verdict == "not-enough-access"
    assert failed(report) == set()


def test_a_client_that_returned_its_id_and_got_another_has_lost_its_session() -> None:
    """The routes say between which nodes; the same request had kept the id before."""
    report = judged(read_transcript(MOVED))
    assert report.verdict == "fault-found"
    assert {"client-moves", "state-lost-on-move"} <= failed(report)


def test_the_cured_twin_is_silent() -> None:
    """The same node, and the id is kept."""
    report = judged(read_transcript(FIRST + KEPT + KEPT))
    assert not report.diagnosis
    assert "client-moves" not in failed(report)


def test_an_affinity_cookie_alone_does_not_make_the_session_cookie_missing() -> None:
    """Another response may set it."""
    lines = f"< set-cookie: lb={'b4b9' * 16}; Path=/"
    assert not {"no-session-cookie", "secure-cookie-kept-back"} & failed(judged(read_transcript(lines)))


def test_no_value_gets_into_the_evidence() -> None:
    """Tokens stand for session ids."""
    visits = visits_of(read_transcript(MOVED), bare("https://x.invalid/"), Redactor())
    assert "0123456789ABCDEF" not in repr(visits)


def test_without_cookies_there_is_no_evidence() -> None:
    """A capture of something else."""
    assert visits_of(read_transcript("HTTP/1.1 200 OK\nServer: x\n"), bare("https://x.invalid/"), Redactor()) is None


@pytest.mark.parametrize(
    "url", ["https://ada:secret@shop.example/", "hhttps://shop.example/", "https://\ufffdhop/", "//["]
)
def test_a_spoilt_address_hides_no_response(url: str) -> None:
    """What a paste has done to it, or a user's name in it, keeps nothing back, and is not shown."""
    text = f"$ curl -v {url}\n< HTTP/1.1 200 OK\n< Set-Cookie: sid=0123456789abcdef; Path=/\n"
    visits = visits_of(read_transcript(text), bare("https://shop.example/"), Redactor())
    assert visits
    assert [cookie.name for cookie in visits.cookies] == ["sid"]
    assert "secret" not in repr(visits)
