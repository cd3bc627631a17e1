"""Do nodes throw a session away that comes through the site?"""

from collections.abc import Iterator
from itertools import pairwise

from sessiondoctor.api import Fine, Hop, Inconclusive, Problem, Replay, Severity, Verdicts, Visits, Walk, check


@check(severity=Severity.HIGH)
def session_thrown_away(visits: Visits, replay: Replay) -> Verdicts:
    """A node answers the cookie of a session by setting another one, and only if it comes through the site.

    A stranger who sends none is given none, so the cookie arrives; asked directly, the node knows such sessions. It
    ends the session for how the request came: from another address, with another Host, or with another header.
    """
    cookie = visits.session_cookie
    if cookie is None or visits.strangers_set is not False:
        raise Inconclusive("what strangers are given does not tell whether the cookie arrives")
    if replay.way != "direct":
        raise Inconclusive("the nodes were not asked directly")
    if any(cell.differs for cell in replay.other):
        raise Inconclusive("what a node knows depends on the session")
    known = {(cell.created_on, cell.read_on) for cell in replay.answered if cell.state == "kept"}
    looks = [hop for walk in visits.returning for hop in _looks(walk) if (walk.hops[0].node, hop.node) in known]
    if not looks:
        raise Inconclusive("no request came to a node that knows such a session when it is asked directly")
    thrown = [hop for hop in looks if hop.state == "lost" and cookie.name in hop.set_cookies]
    if thrown:
        text = f"{thrown[0].node} answers the {cookie.name} of a session that it should know by setting another one"
        yield Problem(text, seen={"strip": visits.returning[0].strip()})
    else:
        yield Fine("nodes keep what comes to them through the site")


def _looks(walk: Walk) -> Iterator[Hop]:
    """Looks with the first session; after another one replaced it nothing can be said."""
    for before, hop in pairwise(walk.hops):
        if before.session != walk.hops[0].session:
            return
        if hop.state != "unknown":
            yield hop
