"""Is the key of each cookie in the ring of each node?"""

from sessiondoctor.api import Fine, KeyRings, NotApplicable, Problem, Replay, Severity, Verdicts, check, named


@check(severity=Severity.CRITICAL)
def cookie_key_unknown(replay: Replay, rings: KeyRings) -> Verdicts:
    """A node's cookie uses a key that another node's ring lacks.

    The id of the key stands at the start of every protected value. A key that is not even in the declared ring of its
    own node means that the node reads its keys elsewhere.
    """
    used = {visit.node: cookie.key_id for visit in replay.visits for cookie in visit.cookies if cookie.key_id}
    if not used:
        raise NotApplicable("no node sets a cookie of ASP.NET Core Data Protection")
    for node, key_id in sorted(used.items()):
        lacking = [ring.node for ring in rings.rings if key_id not in ring.ids]
        if node in lacking:
            text = f"{node} uses a key that is not in its declared ring: it reads its keys from another place"
            yield Problem(text, subject=node, where=(node,))
        elif lacking:
            yield Problem(f"{named(lacking, 'lacks', 'lack')} the key that {node} uses", node, tuple(lacking))
        else:
            yield Fine(f"every node has the key that {node} uses", subject=node)
