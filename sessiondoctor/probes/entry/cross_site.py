"""Coming back from other sites: what a browser does with the cookies that the visits saw. It asks nobody."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Final

from sessiondoctor.evidence.entry.cross_site import CrossSiteVisit, CrossSiteVisits
from sessiondoctor.evidence.entry.visits import Visits
from sessiondoctor.formats.retrieval import (
    LAX_ALLOWS_UNSAFE_S,
    TYPED,
    Retrieval,
    why_in_another_partition,
    why_not_across_sites,
)
from sessiondoctor.formats.site import same_site
from sessiondoctor.probes.contract import Absent, Probe

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from sessiondoctor.context import Context, Options
    from sessiondoctor.evidence.responses.cookie import Cookie
    from sessiondoctor.topology.model import CrossSite, Topology

_RETRIEVALS: Final[Mapping[str, Retrieval]] = {
    "post": Retrieval(same_site=False, top_level=True, safe=False),
    "iframe": Retrieval(same_site=False, top_level=False, safe=True),
    "fetch": Retrieval(same_site=False, top_level=False, safe=True),
}
_OLD_S = LAX_ALLOWS_UNSAFE_S + 1.0


def plan(topology: Topology, _options: Options) -> Iterator[Probe | Absent]:
    """One judgement of all declared ways back; it contacts nobody."""
    ways = topology.site.cross_site
    if ways:
        describe = f"which cookies a browser sends when it comes back from {', '.join(way.from_ for way in ways)}"
        yield Probe(CrossSiteVisits, "site", describe, {}, partial(judge, ways), needs=(Visits,))
        return
    hint = "declare site.cross_site: [{from: https://idp.example, kind: post}], if users come back from another site"
    yield Absent(CrossSiteVisits, "site", "no way back from another site is declared", hint)


async def judge(ways: tuple[CrossSite, ...], ctx: Context) -> CrossSiteVisits:
    """All ways back to where the visits ended up, for the cookies that a browser sends there when the URL is typed.

    A browser that also blocks third-party cookies withholds more inside frames and scripts than is told here.
    """
    visits: Visits = await ctx.need(Visits)
    cookies = tuple(cookie for cookie in visits.cookies if not cookie.refused and not cookie.withheld)
    session = _session_of(cookies)
    return CrossSiteVisits(tuple(_arrival(way, visits.url, cookies) for way in ways), session.name if session else "")


def _arrival(way: CrossSite, url: str, cookies: tuple[Cookie, ...]) -> CrossSiteVisit:
    at_home = same_site(way.from_, url)
    retrieval = TYPED if at_home else _RETRIEVALS[way.kind]
    withheld = {cookie.name: reason for cookie in cookies if (reason := _why_withheld(cookie, _OLD_S, retrieval))}
    session = _session_of(cookies)
    affinity = (withheld.get(cookie.name, "") for cookie in cookies if cookie.role == "affinity")
    return CrossSiteVisit(
        from_=way.from_,
        kind=way.kind,
        same_site=at_home,
        withheld=withheld,
        session=withheld.get(session.name, "") if session else "",
        affinity=next(filter(None, affinity), ""),
        only_new=session is not None and session.name in withheld and not _why_withheld(session, 0.0, retrieval),
    )


def _session_of(cookies: tuple[Cookie, ...]) -> Cookie | None:
    return next((cookie for cookie in cookies if cookie.role == "session"), None)


def _why_withheld(cookie: Cookie, age_s: float, retrieval: Retrieval) -> str:
    return why_not_across_sites(cookie.same_site, age_s, retrieval) or (
        why_in_another_partition(retrieval) if cookie.partitioned else ""
    )
