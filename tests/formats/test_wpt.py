"""The cookie tests of the web platform, as far as they need no browser; DIFFERS lists where we do otherwise."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from sessiondoctor.formats.jar import Jar
from sessiondoctor.formats.retrieval import LAX_ALLOWS_UNSAFE_S, Retrieval
from sessiondoctor.formats.set_cookie import read_set_cookie
from sessiondoctor.formats.site import same_site
from tests.fakes.cookie_header import header_for

NOW = datetime(2026, 6, 1, tzinfo=UTC).timestamp()
DOCUMENT = json.loads((Path(__file__).parent / "vectors" / "wpt.json").read_text(encoding="utf-8"))
CONTROLS = [*range(0x20), 0x7F]
KINDS = {
    "get": Retrieval(top_level=True, safe=True),
    "post": Retrieval(top_level=True, safe=False),
    "frame": Retrieval(top_level=False, safe=True),
    "fetch": Retrieval(top_level=False, safe=True),
}

# What we send instead, by file and first header.
DIFFERS = {
    # There the server's line feed ends the field, before the browser sees a cookie (RFC 9112, section 2.2). Inside a
    # field it ignores the header: RFC 6265bis, section 5.6, step 1.
    ("cookies/value/value.html", "test=13\nZYX"): "",
    # RFC 6265bis, section 5.6.3: without its dot nothing is left, so the cookie is host-only (section 5.7, step 10).
    ("cookies/attributes/resources/domain-child.sub.html", "test=46; domain=.; path=/cookies/attributes"): "test=46",
}
# RFC 6265bis, section 5.7, step 13: without the tab this is Secure, and the page is plain HTTP. Chrome fails it, too.
SECURE_WITH_TAB = "test{code}secure2=t; Secure{ctl};"


def expanded(text: str) -> str:
    """`{a*3}` is `aaa`."""
    return re.sub(r"\{(\w)\*(\d+)\}", lambda found: found[1] * int(found[2]), text)


def short(value: object) -> str:
    """The name of a test: the end of a file's name."""
    return value.rpartition("/")[2] if isinstance(value, str) else ""


def jar_of(headers: list[str], url: str, retrieval: Retrieval = KINDS["get"]) -> Jar:
    """A jar after a response with these headers."""
    jar = Jar()
    for header in headers:
        jar.store(read_set_cookie(expanded(header)), url, NOW, retrieval)
    return jar


HEADERS = [(file, vector) for file, vectors in DOCUMENT["headers"].items() for vector in vectors]


@pytest.mark.parametrize(("file", "vector"), HEADERS, ids=short)
def test_headers(file: str, vector: dict[str, Any]) -> None:
    """Set here, sent there."""
    header = header_for(jar_of(vector["set_cookie"], vector["from"]), vector["to"], NOW)
    assert header == expanded(DIFFERS.get((file, vector["set_cookie"][0]), vector["sent"]))


def test_differences_are_of_existing_vectors() -> None:
    """And they do differ."""
    sent = {(file, vector["set_cookie"][0]): vector["sent"] for file, vector in HEADERS}
    assert all(sent[key] != ours for key, ours in DIFFERS.items())


@pytest.mark.parametrize("vector", DOCUMENT["control_characters"], ids=lambda vector: vector["set_cookie"])
@pytest.mark.parametrize("code", CONTROLS)
def test_control_characters(vector: dict[str, str], code: int) -> None:
    """Each of 33 characters; all but the tab cost the cookie."""
    header = vector["set_cookie"].replace("{code}", str(code)).replace("{ctl}", chr(code))
    sent = vector["sent_with_tab"].replace("{code}", str(code)).replace("{ctl}", chr(code))
    is_kept = chr(code) == "\t" and vector["set_cookie"] != SECURE_WITH_TAB
    assert header_for(jar_of([header], vector["from"]), vector["to"], NOW) == (sent if is_kept else "")


def request(vector: dict[str, Any]) -> Retrieval:
    """A request that these documents make, from the top one down: another site among them makes it cross-site."""
    kind = KINDS[vector["kind"]]
    return Retrieval(all(same_site(client, vector["to"]) for client in vector["clients"]), kind.top_level, kind.safe)


def status_of(vector: dict[str, Any]) -> str:
    """What the vector says, but for redirects through another site.

    They make a request cross-site there. RFC 6265bis, section 5.2, looks at the address and at who asks, as Chrome
    does: the way between does not count.
    """
    return "strict" if vector["redirects"] and request(vector).same_site else str(vector["status"])


SENT = {"strict": {"strict", "lax", "default", "none"}, "lax": {"lax", "default", "none"}, "cross-site": {"none"}}
SAME_SITE = [
    "strict=1; SameSite=Strict; Path=/",
    "lax=1; SameSite=Lax; Path=/",
    "default=1; Path=/",
    "none=1; SameSite=None; Secure; Path=/",
]


@pytest.mark.parametrize("age_s", [0.0, LAX_ALLOWS_UNSAFE_S + 1])
@pytest.mark.parametrize("vector", DOCUMENT["same_site"], ids=lambda vector: short(vector["file"]))
def test_same_site_cookies(vector: dict[str, Any], age_s: float) -> None:
    """Which of four cookies come; plain HTTP cannot set the one that is Secure."""
    jar = jar_of(SAME_SITE, vector["to"])
    sent = {cookie.name for cookie in jar.cookies_for(vector["to"], NOW + age_s, request(vector))}
    # RFC 6265bis, section 5.6.7.2: a young cookie without SameSite may come with a POST, and does in Chrome.
    allowed = {"default"} if vector["kind"] == "post" and age_s <= LAX_ALLOWS_UNSAFE_S else set()
    assert sent == (SENT[status_of(vector)] | allowed) & set(jar.names())


def test_only_redirects_are_read_otherwise() -> None:
    """Ten vectors: five kinds of request, to two hosts of the site, through another one."""
    different = [vector for vector in DOCUMENT["same_site"] if status_of(vector) != vector["status"]]
    assert len(different) == 10
    assert all(not same_site(vector["redirects"][0], vector["to"]) for vector in different)


@pytest.mark.parametrize("vector", DOCUMENT["several_same_site"], ids=lambda vector: vector["set_cookie"])
def test_the_last_same_site_counts(vector: dict[str, str]) -> None:
    """Also where it is none that browsers know."""
    assert read_set_cookie(vector["set_cookie"]).same_site == vector["counts"]


@pytest.mark.parametrize("vector", DOCUMENT["setting_same_site"], ids=lambda vector: vector["kind"])
def test_who_may_set_same_site_cookies(vector: dict[str, Any]) -> None:
    """Navigations at the top may; frames inside another site may not."""
    names = jar_of(SAME_SITE, vector["to"], request(vector)).names()
    assert set(names) == ({"strict", "lax", "default", "none"} if vector["status"] == "all" else {"none"})
