from __future__ import annotations

import pytest

from sessiondoctor.experiments.watch.traits import FILES, traits_of
from sessiondoctor.wire.message import Response

PAGE = '<link rel="stylesheet" href="/a.{0}.css"><script src="/app.{0}.js"></script><script>var nonce = "{1}"</script>'


def page(body: str, status: int = 200, kind: str = "text/html; charset=utf-8") -> Response:
    """A node's answer."""
    headers = (("Content-Type", kind), ("Server", "nginx/1.25"), ("X-App-Version", "7"), ("X-Request-Id", body[:5]))
    return Response("http://shop/", status, headers, body.encode(), truncated=False, http_version="1.1", address="",
                    reused=False, sent_at=0, answered_at=0, elapsed_s=0)  # fmt: skip


def test_headers_with_a_version() -> None:
    """And no other."""
    assert traits_of(page("")) == {"server": "nginx/1.25", "x-app-version": "7"}


def test_scripts_and_styles() -> None:
    """A build puts its own names there; what else stands in the page is its own affair."""
    first, again = traits_of(page(PAGE.format("1f", "abc"))), traits_of(page(PAGE.format("1f", "xyz")))
    assert first == again
    assert first[FILES] != traits_of(page(PAGE.format("2e", "abc")))[FILES]


@pytest.mark.parametrize("body", ["", "<p>Hello</p>", "<script src>", "<div>" * 5000, "\x00\xff"])
def test_pages_without_any(body: str) -> None:
    """They tell nothing."""
    assert FILES not in traits_of(page(body))


def test_what_is_no_page_or_an_error() -> None:
    """Neither an error's page nor JSON tells a build."""
    assert traits_of(page(PAGE, 503)) == {}
    assert FILES not in traits_of(page(PAGE, kind="application/json"))
