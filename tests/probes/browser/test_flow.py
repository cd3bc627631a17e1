from __future__ import annotations

import pytest

from sessiondoctor.probes.browser.flow import fill, named, objection, request_of, take
from sessiondoctor.topology.steps import Extract, Step
from tests.probes.browser.test_extract import HTML, response

BASE = "http://shop.test/app/"
VALUES = {"marker": "sd1", "csrf": "a/b &c"}


def test_only_known_names_in_braces_are_filled_in() -> None:
    """Other braces are text."""
    assert fill("{marker} {other} {{marker}} {}", VALUES) == "sd1 {other} {sd1} {}"


def test_a_form_is_encoded() -> None:
    """As a browser sends it."""
    request = request_of(Step("/cart", "POST", form={"item": "{marker}", "csrf": "{csrf}"}), BASE, VALUES)
    assert (request.method, request.url) == ("POST", "http://shop.test/app/cart")
    assert request.body == b"item=sd1&csrf=a%2Fb+%26c"
    assert ("Content-Type", "application/x-www-form-urlencoded") in request.headers


def test_json_is_filled_in_and_stays_json() -> None:
    """A value with quotes cannot break out of its text."""
    step = Step("/cart", "PUT", json={"items": [{"name": "{csrf}"}], "n": 1})
    request = request_of(step, BASE, {"csrf": '"}'})
    assert request.body == b'{"items": [{"name": "\\"}"}], "n": 1}'
    assert ("Content-Type", "application/json") in request.headers


@pytest.mark.parametrize(
    ("step", "url"),
    [
        (Step("/cart/{csrf}"), "http://shop.test/app/cart/a%2Fb%20%26c"),
        (Step("/cart?a=1", query={"t": "{csrf}"}), "http://shop.test/app/cart?a=1&t=a%2Fb+%26c"),
        (Step("/cart", query={"t": "{marker}"}), "http://shop.test/app/cart?t=sd1"),
        (Step("", query={"t": "1"}), "http://shop.test/app/?t=1"),
        (Step(""), BASE),
    ],
)
def test_paths_are_added_to_the_base(step: Step, url: str) -> None:
    """With values quoted, and the query added to one that is there."""
    assert request_of(step, BASE, VALUES).url == url


def test_a_browser_says_its_origin_with_a_post() -> None:
    """But not with a GET, and what the step declares comes first."""
    origin = ("Origin", "http://shop.test")
    assert origin in request_of(Step("/a", "POST"), BASE, {}, origin="http://shop.test").headers
    assert request_of(Step("/a"), BASE, {}, origin="http://shop.test").headers == ()
    own = request_of(Step("/a", "POST", headers={"origin": "null"}), BASE, {}, origin="http://shop.test")
    assert own.headers == (("origin", "null"),)


def test_an_extracted_value_adds_no_header() -> None:
    """A hostile page may hold line breaks."""
    request = request_of(Step("/a", headers={"X-Token": "{t}"}), BASE, {"t": "a\r\nX-Evil: 1"})
    assert request.headers == (("X-Token", "aX-Evil: 1"),)


@pytest.mark.parametrize(
    ("step", "body", "why"),
    [
        (Step("/a"), "x", ""),
        (Step("/a", status=200), "x", ""),
        (Step("/a", status=204), "x", "status"),
        (Step("/a", expect="{marker}"), "<li>sd1</li>", ""),
        (Step("/a", expect="{marker}"), "<li>sd2</li>", "expectation"),
        (Step("/a", expect="{csrf}"), "<li>a/b &amp;c</li>", ""),
        (Step("/a", expect_regex=r"\[{marker}\]"), "[sd1]", ""),
        (Step("/a", expect_regex=r"n {csrf}"), "n a/b &c", ""),
        (Step("/a", expect_regex=r"^{marker}$"), "xsd1", "expectation"),
    ],
)
def test_a_response_is_compared(step: Step, body: str, why: str) -> None:
    """With status and expectations, the text as it is or as a browser shows it."""
    assert objection(step, response(body, HTML), VALUES)[0] == why


def test_trouble_is_told_without_the_expected_text() -> None:
    """It may be a user's name."""
    assert "secret" not in objection(Step("/a", expect="secret"), response(""), {})[1]
    assert named(Step("/login?token=secret", "POST")) == "POST /login"


def test_what_later_steps_need_is_taken() -> None:
    """And what is missing is named with where it was looked for."""
    values: dict[str, str] = {}
    step = Step("/a", extract={"csrf": Extract(regex="t=(.)")})
    assert take(step, response("t=1"), values, {}) == ("", "")
    assert values == {"csrf": "1"}
    assert take(step, response(""), values, {}) == ("extract", "there is no value for {csrf} (regex: t=(.))")
