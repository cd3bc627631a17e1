"""Have all nodes the same Data Protection keys?"""

from sessiondoctor.api import Fine, Inconclusive, KeyRings, Problem, Severity, Verdicts, check


@check(severity=Severity.CRITICAL)
def key_rings_differ(rings: KeyRings) -> Verdicts:
    """A node's key ring lacks the key that another node uses.

    Compares the ids of the keys that are in use now; a node may well have old ones that others do not know.
    """
    if len(rings.rings) < 2:  # two rings are compared
        raise Inconclusive("the key ring of one node alone is declared")
    missing = {
        (owner.node, other.node)
        for owner in rings.rings
        for key in owner.keys
        for other in rings.rings
        if key.usable_at(rings.read_at) and key.key_id not in other.ids
    }
    if not missing:
        yield Fine(f"{len(rings.rings)} nodes have each other's keys")
        return
    owner, other = min(missing)
    nodes = [ring.node for ring in rings.rings]
    odd = [node for node in nodes if all(node in pair for pair in missing)]
    where = tuple(odd) if len(odd) == 1 else ()
    yield Problem(f"the key ring of {other} lacks the key that {owner} uses", where=where)
