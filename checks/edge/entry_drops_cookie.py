"""Does the session cookie reach the nodes?"""

from sessiondoctor.api import Fine, Inconclusive, Problem, Replay, Severity, Verdicts, Visits, check


@check(severity=Severity.HIGH)
def entry_drops_cookie(visits: Visits, replay: Replay) -> Verdicts:
    """The session cookie is set and sent back through the site, and no node takes notice of it.

    The nodes keep the same state when they are asked directly, so something in front of them drops the Cookie header or
    this cookie from it.
    """
    cookie = visits.session_cookie
    if replay.way != "direct" or not replay.own or not replay.flow:
        raise Inconclusive("the nodes were not asked directly")
    if not all(cell.state == "kept" for cell in replay.own):
        raise Inconclusive("the nodes lose their state when asked directly, too")
    if cookie is None or cookie.refused or cookie.withheld:
        raise Inconclusive("no session cookie is sent back through the site")
    if visits.cached_reads or visits.shared_sessions or visits.leaked:
        raise Inconclusive("a shared cache answers instead of the nodes")
    looks = [hop for walk in visits.returning for hop in walk.hops[1:] if hop.state != "unknown"]
    if not looks:
        raise Inconclusive("whether state survives cannot be seen")
    lost = [hop for hop in looks if hop.state == "lost"]
    if len(lost) == len(looks):
        yield Problem(f"{cookie.name} is sent back through the site, and no node ever knows it",
                      seen={"strip": visits.returning[0].strip()})  # fmt: skip
    else:
        yield Fine("nodes recognise it")
