"""Do all nodes use one store?"""

from sessiondoctor.api import Fine, Inconclusive, Located, Problem, Severity, Verdicts, check, named, odd_ones


@check(severity=Severity.CRITICAL, role="loss")
def sessions_in_different_stores(located: Located) -> Verdicts:
    """Nodes keep their sessions in different stores or databases.

    A session of one is unknown to the other: another host, port, database or table. A disk of a node's own is no store.
    """
    own = located.on_own_disk()
    homes = {one.node: one.places[0].home for one in located.sessions if one.places and one.node not in own}
    if len(homes) < 2:  # two nodes are compared
        raise Inconclusive("the sessions of fewer than two nodes were found in a store")
    odd, common = odd_ones(homes)
    if odd:
        yield Problem(f"{named(odd, 'uses', 'use')} {homes[odd[0]]}; the other nodes use {common}", where=odd)
        return
    lost = sorted(session.node for session in located.sessions if not session.places)
    if lost:
        raise Inconclusive(f"it is unknown where {', '.join(dict.fromkeys(lost))} keeps its sessions")
    yield Fine(f"every node uses {common}")
