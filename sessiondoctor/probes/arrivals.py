"""What a browser sends when the user comes back from another site, by its rules alone: nothing is sent for it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sessiondoctor.evidence.arrivals import Arrival, Arrivals
from sessiondoctor.evidence.visits import Visits
from sessiondoctor.formats.retrieval import UNSAFE_GRACE_S, Retrieval, why_same_site
from sessiondoctor.formats.site import same_site
from sessiondoctor.probes.contract import Absent, Context, Options, Probe
from sessiondoctor.wire.address import split_url

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from sessiondoctor.evidence.cookie import Cookie
    from sessiondoctor.topology.model import CrossSite, Topology

_WAYS: Mapping[str, Retrieval] = {
    "post": Retrieval(same_site=False, safe=False),
    "iframe": Retrieval(same_site=False, top_level=False),
    "fetch": Retrieval(same_site=False, top_level=False),
}
_OLD_S = UNSAFE_GRACE_S + 1


def plan(topology: Topology, _options: Options) -> Iterator[Probe | Absent]:
    """One look at the cookies that the visits saw."""
    if not topology.site.cross_site:
        hint = "declare site.cross_site: where users come back from (an identity provider, a payment page), and how"
        yield Absent(Arrivals, "site", "no other site is declared that users come back from", hint)
        return
    yield Probe(
        evidence=Arrivals,
        subject="site",
        describe="which cookies a browser sends on the way back from other sites",
        contacts={},
        ask=_ask,
        needs=(Visits,),
    )


async def _ask(context: Context) -> Arrivals:
    visits: Visits = await context.need(Visits)
    session = visits.session_cookie
    return Arrivals(
        tuple(_arrival(way, visits) for way in context.topology.site.cross_site), session.name if session else ""
    )


def _arrival(way: CrossSite, visits: Visits) -> Arrival:
    origin = split_url(way.from_).origin
    if same_site(way.from_, visits.url):
        return Arrival(f"{origin.scheme}://{origin.host}", way.kind, same_site=True)
    withheld = {cookie.name: reason for cookie in visits.cookies if (reason := _why(cookie, way, _OLD_S))}
    session = visits.session_cookie
    return Arrival(
        from_=f"{origin.scheme}://{origin.host}",
        kind=way.kind,
        same_site=False,
        withheld=withheld,
        session=withheld.get(session.name, "") if session else "",
        affinity=next((withheld[c.name] for c in visits.cookies if c.role == "affinity" and c.name in withheld), ""),
        only_new=session is not None and session.name in withheld and not _why(session, way, 0.0),
    )


def _why(cookie: Cookie, way: CrossSite, age_s: float) -> str:
    """What a browser refuses to keep it need not withhold."""
    return "" if cookie.refused else why_same_site(cookie.same_site, age_s, _WAYS[way.kind])
