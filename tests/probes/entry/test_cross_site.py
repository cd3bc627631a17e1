"""What a browser sends when the user comes back from another site."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from sessiondoctor.context import Options
from sessiondoctor.evidence.entry.cross_site import CrossSiteVisit, CrossSiteVisits
from sessiondoctor.evidence.entry.visits import Visits
from sessiondoctor.evidence.responses.cookie import Cookie
from sessiondoctor.formats import refusals
from sessiondoctor.probes.contract import Absent, Probe
from sessiondoctor.probes.entry.cross_site import plan
from sessiondoctor.topology.model import CrossSite, Site
from tests.fakes.peers import ask, context, topology

URL = "https://www.shop.example/cart"
IDP = "https://login.idp.example"


def cookie(name: str = "SID", role: Any = "session", **fields: Any) -> Cookie:
    """A cookie as the visits saw it."""
    return Cookie(name, role, "unknown", f"{role}:0000", 20, **{"secure": True, **fields})


def cross_site_visits(*cookies: Cookie, ways: tuple[CrossSite, ...], url: str = URL) -> CrossSiteVisits:
    """The judgement of these ways, after visits that saw these cookies."""
    declared = topology(site=Site(url, cross_site=ways))
    (probe,) = plan(declared, Options())
    assert isinstance(probe, Probe)
    assert (probe.evidence, probe.contacts, probe.needs) == (CrossSiteVisits, {}, (Visits,))

    async def need(kind: type[Any]) -> Visits:
        assert kind is Visits
        return Visits(url, 200, tls=True, cookies=cookies)

    found = ask(probe, replace(context(declared), need=need))
    assert isinstance(found, CrossSiteVisits)
    return found


def cross_site_visit(*cookies: Cookie, kind: Any, from_: str = IDP) -> CrossSiteVisit:
    """The judgement of one way."""
    found = cross_site_visits(*cookies, ways=(CrossSite(from_=from_, kind=kind),))
    assert found.session_cookie == "SID"
    (only,) = found.cross_site_visits
    assert (only.from_, only.kind) == (from_, kind)
    return only


@pytest.mark.parametrize(
    ("same_site", "kind", "reason", "only_new"),
    [
        ("strict", "post", refusals.STRICT_ACROSS_SITES, False),
        ("strict", "iframe", refusals.STRICT_ACROSS_SITES, False),
        ("strict", "fetch", refusals.STRICT_ACROSS_SITES, False),
        ("lax", "post", refusals.LAX_POST_ACROSS_SITES, False),
        ("lax", "iframe", refusals.LAX_INSIDE_ANOTHER_SITE, False),
        ("lax", "fetch", refusals.LAX_INSIDE_ANOTHER_SITE, False),
        ("", "post", refusals.DEFAULT_POST_ACROSS_SITES, True),
        ("", "iframe", refusals.DEFAULT_INSIDE_ANOTHER_SITE, False),
        ("", "fetch", refusals.DEFAULT_INSIDE_ANOTHER_SITE, False),
        ("none", "post", "", False),
        ("none", "iframe", "", False),
        ("none", "fetch", "", False),
    ],
)
def test_the_session_cookie_across_sites(same_site: str, kind: str, reason: str, *, only_new: bool) -> None:
    """By SameSite and the way back; without SameSite a POST works in the first two minutes only."""
    seen = cross_site_visit(cookie(same_site=same_site), kind=kind)
    assert (seen.same_site, seen.session, seen.only_new) == (False, reason, only_new)
    assert seen.withheld == ({"SID": reason} if reason else {})


@pytest.mark.parametrize(
    ("from_", "same"),
    [
        ("https://login.shop.example", True),
        ("https://shop.example:8443", True),
        ("http://www.shop.example", False),
        ("https://shop.other.example", False),
    ],
)
def test_a_sister_host_is_no_other_site(from_: str, *, same: bool) -> None:
    """Scheme and registrable domain decide; the port does not."""
    seen = cross_site_visit(cookie(same_site="strict"), kind="post", from_=from_)
    assert (seen.same_site, seen.session == "") == (same, same)


def test_the_first_affinity_cookie_that_is_withheld_is_told() -> None:
    """A frame keeps the session and loses the node."""
    seen = cross_site_visit(
        cookie(same_site="none"),
        cookie("AWSALBCORS", "affinity", same_site="none"),
        cookie("SERVERID", "affinity"),
        cookie("csrf", "csrf", same_site="strict"),
        kind="iframe",
    )
    assert seen.session == ""
    assert seen.affinity == refusals.DEFAULT_INSIDE_ANOTHER_SITE
    assert dict(seen.withheld) == {
        "SERVERID": refusals.DEFAULT_INSIDE_ANOTHER_SITE,
        "csrf": refusals.STRICT_ACROSS_SITES,
    }


@pytest.mark.parametrize(("kind", "sent"), [("post", True), ("iframe", False), ("fetch", False)])
def test_a_partitioned_cookie_stays_outside_frames(kind: str, *, sent: bool) -> None:
    """It was set at the top; inside another site is another partition."""
    seen = cross_site_visit(cookie(same_site="none", partitioned=True), kind=kind)
    assert seen.session == ("" if sent else refusals.OTHER_PARTITION)


@pytest.mark.parametrize("fields", [{"refused": "Domain is a public suffix"}, {"withheld": "Path=/x does not match /"}])
def test_a_cookie_that_never_comes_back_is_not_judged(fields: dict[str, str]) -> None:
    """The other site is not to blame; nor is it acquitted."""
    found = cross_site_visits(cookie(**fields), cookie("csrf", "csrf"), ways=(CrossSite(from_=IDP, kind="fetch"),))
    assert found.session_cookie == ""
    assert found.cross_site_visits[0].session == ""
    assert set(found.cross_site_visits[0].withheld) == {"csrf"}


def test_without_cookies_there_is_nothing_to_withhold() -> None:
    """All ways are told nevertheless, in their order."""
    ways = (CrossSite(from_=IDP, kind="post"), CrossSite(from_="https://portal.example", kind="iframe"))
    found = cross_site_visits(ways=ways)
    assert found == CrossSiteVisits(
        (CrossSiteVisit(IDP, "post", same_site=False), CrossSiteVisit(ways[1].from_, "iframe", same_site=False))
    )


def test_without_a_declared_way_there_is_no_evidence() -> None:
    """The hint says what to declare."""
    (entry,) = plan(topology(), Options())
    assert isinstance(entry, Absent)
    assert "site.cross_site" in entry.hint
