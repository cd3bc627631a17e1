"""Where a URL of the command line leads, and what goes there."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from sessiondoctor.errors import Unreachable
from sessiondoctor.pipeline.first_look import FIRST_LOOKS, first_look
from sessiondoctor.topology.model import Topology, bare
from sessiondoctor.wire.message import Request, Response

if TYPE_CHECKING:
    from collections.abc import Mapping

HEADERS = {"Authorization": "Basic c2VjcmV0", "X-Env": "staging"}


class Redirects:
    """Answers each URL by a status and a Location; any other is a page."""

    def __init__(self, table: Mapping[str, tuple[int, str]]) -> None:
        self.table = table
        self.sent: list[Request] = []

    async def send(self, request: Request, **_how: object) -> Response:
        """Answer."""
        self.sent.append(request)
        status, location = self.table.get(request.url, (200, ""))
        if not status:
            raise Unreachable("nobody", trouble="refused")
        headers = (("Location", location),) if location else ()
        return Response(request.url, status, headers, b"", False, "1.1", "", False, 0, 0, 0)  # noqa: FBT003


def looked(url: str, table: Mapping[str, tuple[int, str]], file: str = "") -> tuple[Topology, list[Request]]:
    """The topology afterwards, and the requests that it took."""
    topology = bare(url)
    topology = replace(topology, site=replace(topology.site, headers=HEADERS), file=file)
    wire = Redirects(table)
    return asyncio.run(first_look(topology, wire)), wire.sent  # type: ignore[arg-type] # of a wire only this


def test_http_leads_to_https_and_www() -> None:
    """As on most sites; the headers go along: it is the same site."""
    table = {"http://shop.test/": (301, "https://shop.test/"), "https://shop.test/": (302, "https://www.shop.test/")}
    topology, sent = looked("http://shop.test/", table)
    assert topology.site.url == "https://www.shop.test/"
    assert topology.site.headers == HEADERS
    assert (topology.target, topology.scanned_url) == ("http://shop.test/", "https://www.shop.test/")
    assert [request.url for request in sent] == ["http://shop.test/", "https://shop.test/", "https://www.shop.test/"]


def test_a_page_stays_where_it_is() -> None:
    """One request; nothing is said."""
    topology, sent = looked("https://shop.test/", {})
    assert (topology.site.url, topology.scanned_url, len(sent)) == ("https://shop.test/", "", 1)


def test_a_redirect_on_the_same_origin_is_for_the_probes() -> None:
    """They follow it, and see its cookies."""
    topology, _ = looked("https://shop.test/", {"https://shop.test/": (302, "/login?next=/")})
    assert (topology.site.url, topology.scanned_url) == ("https://shop.test/", "")


@pytest.mark.parametrize("status", [302, 303, 307])
def test_an_identity_provider_is_not_the_site(status: int) -> None:
    """Not even one of the same owner: such redirects are for now only."""
    for elsewhere in ("https://login.example.com/auth?state=1", "https://idp.example/"):
        topology, sent = looked("https://www.example.com/", {"https://www.example.com/": (status, elsewhere)})
        assert (topology.site.url, len(sent)) == ("https://www.example.com/", 1)


def test_another_host_of_the_same_owner_for_good() -> None:
    """It is the site, but what was meant for one host is not told to the other."""
    topology, sent = looked("https://example.com/", {"https://example.com/": (301, "https://shop.example.com/")})
    assert (topology.site.url, topology.site.headers) == ("https://shop.example.com/", {})
    assert sent[1].headers == ()
    other, _ = looked("https://example.com/", {"https://example.com/": (301, "https://example.org/")})
    assert other.site.url == "https://example.com/"


def test_nothing_secret_leaves_tls() -> None:
    """A site that redirects to http gets what is no secret."""
    topology, _ = looked("https://shop.test/", {"https://shop.test/": (302, "http://shop.test/")})
    assert topology.site.headers == {"X-Env": "staging"}


def test_no_session_is_shared_by_all_clients() -> None:
    """What the redirect put into the URL belongs to this one client."""
    table = {"http://shop.test/a": (302, "https://shop.test/a;jsessionid=SECRET?sid=SECRET")}
    topology, _ = looked("http://shop.test/a", table)
    assert (topology.site.url, topology.scanned_url) == ("https://shop.test/a", "https://shop.test/a")
    kept, _ = looked("http://shop.test/a?b=1", {"http://shop.test/a?b=1": (301, "https://shop.test/a?b=1")})
    assert (kept.site.url, kept.scanned_url) == ("https://shop.test/a?b=1", "https://shop.test/a")


def test_a_loop_ends() -> None:
    """After as many requests as `--plan` announces."""
    table = {"http://shop.test/": (302, "https://shop.test/"), "https://shop.test/": (302, "http://shop.test/")}
    _, sent = looked("http://shop.test/", table)
    assert len(sent) == FIRST_LOOKS


def test_who_does_not_answer_stays_the_target() -> None:
    """The probes say why."""
    topology, _ = looked("http://shop.test/", {"http://shop.test/": (0, "")})
    assert topology.site.url == "http://shop.test/"


def test_the_url_of_a_file_is_meant_as_it_is_written() -> None:
    """Nothing is asked."""
    topology, sent = looked("http://shop.test/", {"http://shop.test/": (301, "https://shop.test/")}, file="t.yaml")
    assert (topology.site.url, sent) == ("http://shop.test/", [])
