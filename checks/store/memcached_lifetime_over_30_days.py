"""Are sessions given a lifetime that memcached takes for a date in 1970?"""

from sessiondoctor.api import (
    Fine,
    Inconclusive,
    Located,
    NotApplicable,
    Problem,
    Severity,
    Topology,
    Verdicts,
    Visits,
    check,
)

LONGEST_S = 30 * 24 * 3600
"""memcached, doc/protocol.txt, "Expiration times": what is more is an absolute Unix time."""


@check(severity=Severity.CRITICAL)
def memcached_lifetime_over_30_days(located: Located, topology: Topology, visits: Visits | None) -> Verdicts:
    """Sessions of more than 30 days vanish in memcached at once.

    An expiry of more than 2592000 seconds is taken for a Unix time, which lies in 1970: the item is `STORED` and is
    gone at once. Clients that know this send a Unix time instead; then sessions are found.
    """
    stores = {store.name for store in topology.stores if store.kind == "memcached"}
    if not stores:
        raise NotApplicable("no memcached store is declared")
    life = _lifetime(topology, visits)
    if life <= LONGEST_S:
        yield Fine(f"no lifetime of more than 30 days is known: {life:.0f} s")
        return
    if not located.searchable:
        raise Inconclusive(located.why_not or "the cookie does not tell the session's key")
    elsewhere = {node.name for node in topology.nodes if node.store and node.store not in stores}
    sessions = [session for session in located.sessions if session.node not in elsewhere]
    lost = [session.node for session in sessions if not session.places]
    if lost:
        text = f"sessions are to live {life / 86400:.0f} days, and memcached has none that was just written"
        yield Problem(f"{text} on {', '.join(lost)}", where=tuple(sorted(stores)))
    else:
        yield Fine(f"sessions of {life / 86400:.0f} days are found")


def _lifetime(topology: Topology, visits: Visits | None) -> float:
    """The longest that is declared, or that a session cookie has."""
    cookies = [cookie.lifetime_s or 0.0 for cookie in visits.cookies if cookie.role == "session"] if visits else []
    return max(float(topology.site.idle_timeout or 0), *cookies, 0.0)
