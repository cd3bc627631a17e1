from __future__ import annotations

import pytest

from sessiondoctor.probes.flow import fill, objection, pick, shows, take
from sessiondoctor.topology.model import Extract, Step
from sessiondoctor.wire.message import Headers, Response

PAGE = """<html><meta name="csrf-token" content="meta1"><form id="pay" class="big red">
<input type="hidden" name="csrf" value="tok&amp;en"></form><b class="red">Anna</b></html>"""


def response(body: str = PAGE, status: int = 200, headers: Headers = ()) -> Response:
    """A response of a shop."""
    return Response("http://shop.test/", status, headers, body.encode(), False, "1.1", "127.0.0.1:80", False, 0, 0, 0)  # noqa: FBT003 - truncated, reused


def test_a_form_is_filled_and_encoded() -> None:
    """Placeholders become values; what is no placeholder stays."""
    out = fill(Step("/cart", "POST", form={"item": "{marker}", "note": "{unknown} & {"}), {"marker": "a b"})
    assert out.body == b"item=a+b&note=%7Bunknown%7D+%26+%7B"
    assert ("content-type", "application/x-www-form-urlencoded") in out.headers


def test_json_and_query_are_filled() -> None:
    """At any depth, and safely in the URL."""
    out = fill(
        Step("/c/{marker}", "POST", json={"a": [{"b": "{marker}"}], "n": 1}, query={"q": "{marker}"}), {"marker": "x/&"}
    )
    assert (out.path, out.body) == ("/c/x%2F%26?q=x%2F%26", b'{"a": [{"b": "x/&"}], "n": 1}')


@pytest.mark.parametrize(
    ("extract", "value"),
    [
        (Extract(regex=r'name="csrf" value="([^"]+)"'), "tok&amp;en"),
        (Extract(regex=r"Ann."), "Anna"),
        (Extract(css="input[name=csrf]"), "tok&en"),
        (Extract(css="meta[name='csrf-token']"), "meta1"),
        (Extract(css="b.red"), "Anna"),
        (Extract(css="form#pay.big b"), ""),
        (Extract(css="input[name=other]"), ""),
        (Extract(header="x-token"), "h1"),
        (Extract(cookie="csrftoken"), "c1"),
        (Extract(json="/a"), ""),
    ],
)
def test_values_are_taken_out(extract: Extract, value: str) -> None:
    """By regex, selector, header, cookie; what is not there is empty."""
    assert pick(extract, response(headers=(("X-Token", "h1"),)), {"csrftoken": "c1"}) == value


@pytest.mark.parametrize(
    ("pointer", "value"),
    [
        ("/a/0/b~1c", "x"),
        ("/n", "3"),
        ("/a/9", ""),
        ("/a/x", ""),
        ("/s/0", ""),
        ("", '{"a": [{"b/c": "x"}], "n": 3, "s": "t"}'),
    ],
)
def test_json_pointers(pointer: str, value: str) -> None:
    """RFC 6901; nothing raised for a document of another shape."""
    body = '{"a": [{"b/c": "x"}], "n": 3, "s": "t"}'
    extract = Extract(json=pointer) if pointer else Extract(regex=r"(?s).*")
    assert pick(extract, response(body), {}) == value


def test_expectations() -> None:
    """Status, literal text also through entities, and a pattern with the marker taken literally."""
    step = Step("/cart", expect="{marker}", expect_regex=r"<b>{marker}</b>")
    values = {"marker": "a&b."}
    assert shows(step, response("<b>a&b.</b>"), values)
    assert not shows(step, response("<b>a&bX</b>"), values)
    assert shows(Step("/", expect="{marker}"), response("a&amp;b."), values)
    assert "expected 201" in objection(Step("/", status=201), response(), {})
    assert objection(Step("/"), response(status=404), {}) == "GET /: status 404"
    assert objection(Step("/", expect="Anna"), response(), {}) == ""


def test_only_what_is_found_is_taken() -> None:
    """A missing value does not become an empty one."""
    found = take({"a": Extract(regex="Ann."), "b": Extract(regex="Bob")}, response(), {})
    assert found == {"a": "Anna"}
