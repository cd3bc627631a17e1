"""The way back from other sites, judged by cookies that were seen."""

from __future__ import annotations

from typing import Any

import pytest

from sessiondoctor.evidence.arrivals import Arrival, Arrivals
from sessiondoctor.probes.arrivals import plan
from sessiondoctor.probes.contract import Absent, Context, Options, Probe
from sessiondoctor.redact import Vault
from sessiondoctor.topology.model import CrossSite, Site, Topology
from sessiondoctor.wire.client import Wire
from sessiondoctor.wire.message import Limits
from sessiondoctor.wire.pace import Pace
from tests.checks.build import cookie, visits
from tests.probes.peers import ask


def arrivals(kind: Any = "post", come_from: str = "https://idp.test/x", **changes: Any) -> Arrivals:
    """What comes of one way back with a session cookie like this."""
    site = Topology(Site("https://shop.test/", cross_site=(CrossSite(from_=come_from, kind=kind),)))
    seen = visits(cookies=(cookie(**changes),))

    async def need(_kind: type[Any]) -> Any:
        return seen

    (probe,) = plan(site, Options())
    assert isinstance(probe, Probe)
    context = Context(site, Options(), Wire(limits=Limits(), pace=Pace()), Vault(), need)
    found = ask(probe, context)
    assert isinstance(found, Arrivals)
    return found


def arrival(kind: Any = "post", **changes: Any) -> Arrival:
    """The only one."""
    return arrivals(kind, **changes).arrivals[0]


def test_nothing_declared_is_not_asked() -> None:
    """The hint says what to declare."""
    (absent,) = plan(Topology(Site("https://shop.test/")), Options())
    assert isinstance(absent, Absent)
    assert "site.cross_site" in absent.hint


@pytest.mark.parametrize("kind", ["post", "iframe", "fetch"])
def test_lax_stays_at_home(kind: str) -> None:
    """With POSTs, frames and scripts of others."""
    found = arrival(kind, same_site="lax")
    assert (found.from_, found.same_site, found.only_new) == ("https://idp.test", False, False)
    assert found.session.startswith("SameSite=Lax")
    assert list(found.withheld) == ["sid"]


def test_none_comes_along() -> None:
    """Nothing is withheld."""
    assert arrival(same_site="none").withheld == {}


def test_a_young_cookie_without_samesite_comes_along_with_a_post() -> None:
    """That makes such faults come and go."""
    found = arrival(same_site="")
    assert "no SameSite" in found.session
    assert found.only_new
    assert not arrival("iframe", same_site="").only_new


def test_the_same_site_is_no_other_one() -> None:
    """Whatever SameSite says."""
    found = arrival(come_from="https://pay.shop.test/", same_site="strict")
    assert (found.same_site, found.session) == (True, "")


def test_what_is_refused_is_not_withheld() -> None:
    """There is nothing to withhold."""
    assert arrival(same_site="lax", refused="Secure set over plain HTTP").withheld == {}


def test_affinity_cookies_stay_at_home_too() -> None:
    """A balancer's cookie obeys the same rules."""
    found = arrivals(role="affinity", same_site="lax")
    assert (found.session_cookie, found.arrivals[0].session) == ("", "")
    assert found.arrivals[0].affinity.startswith("SameSite=Lax")
