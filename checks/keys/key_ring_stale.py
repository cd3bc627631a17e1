"""Is there a key that may be used now?"""

from sessiondoctor.api import Fine, KeyRing, KeyRings, Problem, Severity, Verdicts, check


@check(severity=Severity.HIGH)
def key_ring_stale(rings: KeyRings) -> Verdicts:
    """A key ring has no active key.

    The node then makes a key of its own, unknown to the others, or refuses to protect at all. Keys that are not yet
    active are seen by a node whose clock is behind that of the one that made them.
    """
    for ring in rings.rings:
        if any(key.usable_at(rings.read_at) for key in ring.keys):
            yield Fine(f"{ring.node} has an active key", subject=ring.node)
        else:
            yield Problem(f"{ring.node} has no active key: {_why(ring, rings.read_at)}", ring.node, (ring.node,))


def _why(ring: KeyRing, now: float) -> str:
    if not ring.keys:
        return "its ring is empty"
    revoked = sum(key.revoked for key in ring.keys)
    expired = sum(key.expires_at <= now and not key.revoked for key in ring.keys)
    early = sum(key.active_from > now and not key.revoked for key in ring.keys)
    return f"of {len(ring.keys)} {expired} are expired, {revoked} revoked, {early} not yet active"
