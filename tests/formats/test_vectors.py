"""The jar against public vectors; `vectors/README.md` says where they are from."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from sessiondoctor.formats.cookie_date import cookie_date
from sessiondoctor.formats.jar import Jar

NOW = 1_306_886_400.0  # 1 June 2011, when http-state was made
LATER = 1_795_000_000.0
SET_BY = "http://home.example.org:8888/cookie-parser"
PAGE = "http://web-platform.test:8000/cookies/path/echo-cookie.html"

# Vectors of http-state with a nameless cookie, and what a browser sends by RFC 6265bis, 5.6, step 3, and 5.8.3, step 4.
NAMELESS = {
    "0004": "foo",
    "0021": "a=b; x; c=d",
    "0023": "foo",
    "0024": "foo",
    "0025": "foo",
    "0026": "foo",
    "0027": "bar",
    "0028": "foo",
    "chromium0009": "BLAHHH",
    "chromium0010": '"BLA\\"HHH"',
    "chromium0012": "ABC",
    "mozilla0012": 'test="fubar! = foo; five',
    "mozilla0014": "six",
    "mozilla0015": "seven",
    "mozilla0016": "eight",
    "mozilla0017": "eight; test=six",
    "name0017": "a=bar",
    "name0023": "foo",
    "name0025": "==a=bar",
    "name0028": "a",
    "name0031": '"foo',
    "name0032": '"foo\\"bar',
    "name0033": "aaa",
}


def vectors(name: str) -> Any:
    """The vectors of a file."""
    return json.loads((Path(__file__).parent / "vectors" / name).read_text(encoding="utf-8"))


HTTP_STATE, WPT, DATES = vectors("http_state.json"), vectors("wpt.json"), vectors("dates.json")


def jar_after(vector: Any, url: str, now: float) -> Jar:
    """A jar that was handed these cookies."""
    jar = Jar()
    for header in vector["received"]:
        jar.store(header, url, now)
    return jar


def test_all_vectors_are_there() -> None:
    """So that none is lost without a word."""
    assert (len(HTTP_STATE), len(WPT), len(DATES)) == (214, 87, 70)
    assert len(NAMELESS) == 23


@pytest.mark.parametrize("vector", HTTP_STATE, ids=lambda vector: vector["name"])
def test_http_state(vector: Any) -> None:
    """As of 2011 but for nameless cookies: without these all vectors agree, with them those named above differ."""
    name, sent_to = vector["name"], vector["sent_to"]
    jar = jar_after(vector, f"{SET_BY}?{name}", NOW)
    named = "; ".join(cookie.pair for cookie in jar.cookies_for(sent_to, NOW) if cookie.name)
    assert named == vector["expected"]
    assert jar.header_for(sent_to, NOW) == NAMELESS.get(name, vector["expected"])


@pytest.mark.parametrize("vector", WPT, ids=lambda vector: f"{vector['file']}-{vector['name']}")
def test_web_platform_tests(vector: Any) -> None:
    """As browsers do."""
    assert jar_after(vector, PAGE, LATER).header_for(PAGE, LATER) == vector["expected"]


@pytest.mark.parametrize("vector", DATES, ids=lambda vector: vector["text"])
def test_dates(vector: Any) -> None:
    """To the second, or no date."""
    assert cookie_date(vector["text"]) == vector["seconds"]
