"""Check `flow-not-understood`."""

from collections.abc import Iterable

from sessiondoctor.api import (
    EntryPoints,
    Fine,
    Forms,
    Growth,
    Inconclusive,
    Located,
    Logins,
    NotApplicable,
    Problem,
    RedisServer,
    Rehearsal,
    Replay,
    Severity,
    StoreReach,
    Updates,
    Verdicts,
    Visits,
    check,
)


@check(
    severity=Severity.HIGH,
    role="blocks",
    blocks=(Visits, Replay, Logins, Forms, Growth, Updates, EntryPoints, Located),
)
def flow_not_understood(
    rehearsal: Rehearsal,
    visits: Visits | None,
    replay: Replay | None,
    located: Located | None,
    reaches: tuple[StoreReach, ...] | None,
    servers: tuple[RedisServer, ...] | None,
) -> Verdicts:
    """No client sees what the declared flow puts into its session.

    Run once through the entry, once on one node, once with requests of somebody else between its steps. Where any
    client sees its marker once, the flow is understood, and whatever else happens is the site's doing. So it is where
    the site itself fails, or a store does, unless a page shows that the flow is declared wrongly.
    """
    if not rehearsal.declared:
        raise NotApplicable("no flow is declared", hint="declare site.flow: write and read, or login and logged_in")
    seen = {"steps": rehearsal.table()}
    if rehearsal.works or _kept(visits, replay):
        yield Fine("the flow works", seen=seen)
        return
    if rehearsal.no_page:
        raise Inconclusive(f"the site gives no page: {rehearsal.no_page}")
    if not any(run.certain for run in rehearsal.runs):
        _insist_on_a_site_that_works(rehearsal, located, reaches or (), servers or ())
        _insist_on_a_cookie(rehearsal, visits)
    on_node = any(run.way == "node" for run in rehearsal.runs)
    needed = "" if on_node else "; add node URLs, so that it can be tried on one node alone"
    yield Problem(f"the flow is not understood: {rehearsal.why}{needed}", seen=seen)


def _is_in_trouble(server: RedisServer) -> bool:
    refused = sum(server.errors_delta.values()) + sum(server.copies_refused_delta.values())
    return bool(refused or server.evicted_delta)


def _kept(visits: Visits | None, replay: Replay | None) -> bool:
    """Whether any client saw its state."""
    looks = [one.state for trace in visits.clients.values() for one in trace.exchanges[1:]] if visits else []
    return "kept" in looks or any(cell.state == "kept" for cell in (replay.cells if replay else ()))


def _insist_on_a_cookie(rehearsal: Rehearsal, visits: Visits | None) -> None:
    """Raises Inconclusive where a site with TLS takes what is written and hands out no cookie: it may hold it back."""
    if visits and visits.tls and not visits.cookies:
        raise Inconclusive(f"the site hands out no cookie at all, which may be why: {rehearsal.why}")


def _insist_on_a_site_that_works(
    rehearsal: Rehearsal, located: Located | None, reaches: Iterable[StoreReach], servers: Iterable[RedisServer]
) -> None:
    """Raises Inconclusive where the site or a store may be what fails."""
    if any(run.failed for run in rehearsal.runs):
        raise Inconclusive(f"the site itself failed: {rehearsal.why}")
    if any(not reach.answers for reach in reaches):
        raise Inconclusive(f"a store does not answer, which may be why: {rehearsal.why}")
    if any(_is_in_trouble(server) for server in servers):
        raise Inconclusive(f"a store refuses or evicts meanwhile, which may be why: {rehearsal.why}")
    if located and located.searchable and not any(session.places for session in located.sessions):
        raise Inconclusive(f"no session of this scan reaches the store, which may be why: {rehearsal.why}")
