"""The vectors of the working group that wrote RFC 6265, and what RFC 6265bis made of them."""

from __future__ import annotations

import json
from collections import Counter
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from sessiondoctor.formats.cookie_date import cookie_date
from sessiondoctor.formats.jar import Jar
from sessiondoctor.formats.set_cookie import read_set_cookie
from tests.fakes.cookie_header import header_for

VECTORS = Path(__file__).parent / "vectors"
DOCUMENT = json.loads((VECTORS / "http_state.json").read_text(encoding="utf-8"))
NOW = datetime.fromisoformat(DOCUMENT["now"]).timestamp()
ALL: dict[str, dict[str, Any]] = {vector["name"]: vector for vector in DOCUMENT["vectors"]}
ACTIVE = [name for name, vector in ALL.items() if vector["status"] == "active"]
DATES = json.loads((VECTORS / "cookie_dates.json").read_text(encoding="utf-8"))

# RFC 6265 ignores a header without `=` or without a name (section 5.2, steps 2 and 5). RFC 6265bis makes it a cookie
# without a name, of which a path has one (section 5.6, step 3; section 5.7, step 23), and sends its bare value
# (section 5.8.3, step 6); only without a value, too, is it ignored (section 5.7, step 2). Nothing else differs.
NAMELESS = {
    "0004": "foo",
    "0021": "a=b; x; c=d",
    "0023": "foo",
    "0024": "foo",
    "0025": "foo",
    "0026": "foo",
    "0027": "bar",
    "0028": "foo",
    "CHROMIUM0009": "BLAHHH",
    "CHROMIUM0010": '"BLA\\"HHH"',
    "CHROMIUM0012": "ABC",
    "MOZILLA0012": 'test="fubar! = foo; five',
    "MOZILLA0014": "six",
    "MOZILLA0015": "seven",
    "MOZILLA0016": "eight",
    "MOZILLA0017": "eight; test=six",
    "NAME0017": "a=bar",
    "NAME0023": "foo",
    "NAME0025": "==a=bar",
    "NAME0028": "a",
    "NAME0031": '"foo',
    "NAME0032": '"foo\\"bar',
    "NAME0033": "aaa",
}
# Those that were switched off or left to choice in 2011, where RFC 6265bis says something else.
OTHERS = {
    "DISABLED_CHROMIUM0022": "",  # section 5.6, step 1: NUL in a header ignores all of it
    "DISABLED_CHROMIUM0023": "",  # likewise a carriage return
    "DISABLED_PATH0029": "",  # section 5.1.4: equivalent paths are not identical, nothing is decoded
    "OPTIONAL_DOMAIN0042": "foo=bar",  # section 5.6.3: an empty Domain that comes last makes the cookie host-only
}


def jar_of(vector: dict[str, Any]) -> Jar:
    """A jar after the vector's headers."""
    jar = Jar()
    for header in vector["set_cookie"]:
        jar.store(read_set_cookie(header), vector["from"], NOW)
    return jar


def test_none_is_missing() -> None:
    """222 vectors, of which 214 count; the lists of differences name existing ones."""
    assert Counter(vector["status"] for vector in ALL.values()) == {"active": 214, "disabled": 4, "optional": 4}
    assert set(NAMELESS) < set(ACTIVE)
    assert all(ALL[name]["sent"] != sent for name, sent in (NAMELESS | OTHERS).items())


@pytest.mark.parametrize("name", ACTIVE)
def test_as_rfc_6265bis_has_it(name: str) -> None:
    """What is sent, to the letter."""
    vector = ALL[name]
    assert header_for(jar_of(vector), vector["to"], NOW) == NAMELESS.get(name, vector["sent"])


@pytest.mark.parametrize("name", ACTIVE)
def test_but_for_nameless_cookies_as_in_2011(name: str) -> None:
    """Without these, all vectors hold as they were written."""
    vector = ALL[name]
    named = [cookie.pair for cookie in jar_of(vector).cookies_for(vector["to"], NOW) if cookie.name]
    assert "; ".join(named) == vector["sent"]


@pytest.mark.parametrize("name", sorted(set(ALL) - set(ACTIVE)))
def test_the_disabled_and_optional_ones(name: str) -> None:
    """They do not count, but are decided."""
    vector = ALL[name]
    assert header_for(jar_of(vector), vector["to"], NOW) == OTHERS.get(name, vector["sent"])


@pytest.mark.parametrize(("text", "expected"), [*DATES["examples"], *DATES["bsd_examples"]])
def test_dates(text: str, expected: float | None) -> None:
    """70 dates of Expires, in unix seconds; null is no date."""
    assert cookie_date(text) == expected
