"""Is the key of each cookie in the ring of each node?"""

from sessiondoctor.api import Fine, KeyRings, NotApplicable, Problem, Replay, Severity, Verdicts, check


@check(severity=Severity.CRITICAL)
def cookie_key_unknown(replay: Replay, rings: KeyRings) -> Verdicts:
    """A node's cookie is protected with a key that is not in the ring of another.

    The id of the key stands at the start of every protected value. A key that is not even in the declared ring of its
    own node means that the node reads its keys elsewhere.
    """
    used = {visit.node: cookie.key_id for visit in replay.visits for cookie in visit.cookies if cookie.key_id}
    if not used:
        raise NotApplicable("no node sets a cookie of ASP.NET Core Data Protection")
    for node, key_id in sorted(used.items()):
        lacking = [ring.node for ring in rings.rings if key_id not in ring.ids]
        if node in lacking:
            text = f"{node} protects with a key that is not in its declared ring: it reads its keys elsewhere"
            yield Problem(text, subject=node, where=(node,))
        elif lacking:
            yield Problem(f"{', '.join(lacking)} lacks the key that {node} protects with", node, tuple(lacking))
        else:
            yield Fine(f"every node has the key that {node} protects with", subject=node)
