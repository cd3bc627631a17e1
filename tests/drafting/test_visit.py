"""One visit: what a browser would get, and nothing is sent but requests for pages."""

from __future__ import annotations

import asyncio

import pytest

from sessiondoctor.drafting.visit import Visit, path_below, visit
from sessiondoctor.redact import Redactor
from sessiondoctor.topology.model import bare
from tests.fakes.cluster import Call, Reply, _bytes, _call
from tests.fakes.serving import serve, wire

HOME = (
    '<a href="/shop/cart">Cart</a><a href="/shop/login#top">In</a><a href="/shop/logout">Out</a>'
    '<a href="https://other.example/login">Elsewhere</a><a href="/shop/cart?add=1">Buy</a><a href="/shop/about">Us</a>'
)
LOGIN = "<form method=post><input type=hidden name=_csrf value=t><input name=user><input type=password name=pw></form>"
CART = '<form method=post action="/shop/cart"><input name=item></form>'


def site(call: Call) -> Reply:
    """A shop below /shop/, behind a balancer with a cookie."""
    pages = {"/shop/": HOME, "/shop/login": LOGIN, "/shop/cart": CART}
    reply = Reply(200 if call.path in pages else 404, pages.get(call.path, "no"))
    cookies = (("Set-Cookie", f"connect.sid=s%3Aabcdefghijklmnopqrstuvwx.{43 * 'x'}; HttpOnly"),
               ("Set-Cookie", "SRV=app1"))  # fmt: skip
    return reply.with_headers(("Content-Type", "text/html"), *(cookies if "cookie" not in call.headers else ()))


def visited() -> tuple[Visit, list[str]]:
    """The visit, and the request lines that the site saw."""

    async def run() -> tuple[Visit, list[str]]:
        async with serve(lambda raw: _bytes(site(_call(raw)))) as server, wire() as client:
            found = await visit(bare(f"{server.url}shop/"), client, Redactor())
            return found, server.heads

    return asyncio.run(run())


def test_cookies_pages_and_forms() -> None:
    """The pages that it links to, below the URL, without those that end or buy something."""
    found, heads = visited()
    assert (found.session_cookie, found.stack, found.affinity_cookies) == (
        "connect.sid",
        "express",
        (("SRV", "haproxy"),),
    )
    assert [page.path for page in found.pages] == ["/", "/cart", "/login"]
    assert found.pages[2].forms[0].passwords == ("pw",)
    assert [head.split(" ")[:2] for head in heads] == [["GET", "/shop/"], ["GET", "/shop/cart"], ["GET", "/shop/login"]]


def test_nobody_answers() -> None:
    """A visit with the reason."""

    async def run() -> Visit:
        async with wire() as client:
            return await visit(bare("http://127.0.0.1:9/"), client, Redactor())

    assert asyncio.run(run()).trouble


@pytest.mark.parametrize(
    ("url", "base", "path"),
    [
        ("http://h/a/b?c=1", "http://h/a/", "/b"),
        ("http://h/a", "http://h/a/", "/"),
        ("http://h/ab", "http://h/a/", ""),
        ("http://x/a/b", "http://h/a/", ""),
        ("ftp://h/", "http://h/", ""),
        ("http://h/{x}", "http://h/", "/%7Bx%7D"),
    ],
)
def test_paths_of_a_flow(url: str, base: str, path: str) -> None:
    """Below the site's URL, or none."""
    assert path_below(url, base) == path
