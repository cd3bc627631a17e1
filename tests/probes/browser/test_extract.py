from __future__ import annotations

import pytest

from sessiondoctor.probes.browser.extract import LONGEST_VALUE, extract
from sessiondoctor.topology.steps import Extract
from sessiondoctor.wire.message import Headers, Response

HTML = ("Content-Type", "text/html; charset=utf-8")
JSON = ("Content-Type", "application/json")


def response(body: str, *headers: tuple[str, str]) -> Response:
    """A response with this body."""
    return answered("http://a/", 200, headers, body)


def answered(url: str, status: int, headers: Headers, body: str) -> Response:
    """A response, its circumstances left out."""
    return Response(
        url=url,
        status=status,
        headers=headers,
        body=body.encode(),
        truncated=False,
        http_version="1.1",
        address="",
        reused=False,
        sent_at=0.0,
        answered_at=0.0,
        elapsed_s=0.0,
    )


@pytest.mark.parametrize(
    ("how", "body", "value"),
    [
        (Extract(regex=r'value="([^"]+)"'), '<input value="a&#x2B;b">', "a+b"),
        (Extract(regex=r"token-\d+"), "token-42", "token-42"),
        (Extract(regex=r"(x)?y"), "y", ""),
        (Extract(regex=r"absent"), "y", None),
        (Extract(css="input[name=csrf]"), "<input name=csrf value=v>", "v"),
        (Extract(css="a > b"), "<a><b>x", "x"),
        (Extract(css="input[name=csrf]"), "<input name=csrf value>", ""),
        (Extract(css="input[name=csrf]"), "<input name=other>", None),
        (Extract(css="a:("), "<a>x", None),
        (Extract(json="/x"), '{"x": ""}', ""),
        (Extract(json="/cart/items/1"), '{"cart": {"items": ["a", "b"]}}', "b"),
        (Extract(json="/a~1b/~0"), '{"a/b": {"~": 7}}', "7"),
        (Extract(json="/count"), '{"count": 3}', "3"),
        (Extract(json="/ok"), '{"ok": true}', "true"),
        (Extract(json="/items"), '{"items": []}', None),
        (Extract(json="/items/-1"), '{"items": [1]}', None),
        (Extract(json="/items/9"), '{"items": [1]}', None),
        (Extract(json="/x/y"), '{"x": "text"}', None),
        (Extract(json="/x"), "no json", None),
        (Extract(json="/x"), "[" * 100_000, None),
    ],
)
def test_a_value_is_taken_out_of_the_body(how: Extract, body: str, value: str | None) -> None:
    """By a pattern, a selector or a JSON pointer; what is not there is none, what is empty is a value."""
    assert extract(how, response(body, HTML)) == value


def test_a_value_is_taken_out_of_headers() -> None:
    """A header by its name in any case, a cookie by its own."""
    answer = response("", ("X-Node", "app1"), ("Set-Cookie", "a=1"), ("Set-Cookie", "b=2; Path=/"))
    assert extract(Extract(header="x-node"), answer) == "app1"
    assert extract(Extract(cookie="b"), answer) == "2"
    assert extract(Extract(cookie="c"), answer) is None


def test_a_huge_value_is_none() -> None:
    """No token is that long; a page's worth of text in the next request would be a server's choice."""
    assert extract(Extract(regex=r".+"), response("x" * (LONGEST_VALUE + 1))) is None


def test_json_is_not_unescaped_as_html() -> None:
    """Only HTML has entities."""
    assert extract(Extract(regex=r'"t":"([^"]+)"'), response('{"t":"a&amp;b"}', JSON)) == "a&amp;b"
