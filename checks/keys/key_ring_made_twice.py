"""Were two keys made at the same time?"""

from itertools import pairwise

from sessiondoctor.api import Fine, KeyRings, Problem, Severity, Verdicts, check

AT_ONCE_S = 60.0  # nodes of one deployment start within a minute; rotations are months apart


@check(severity=Severity.MEDIUM)
def key_ring_made_twice(rings: KeyRings) -> Verdicts:
    """Two nodes created a key at the same time.

    Each protects with its own until it reads the ring again, up to a day later.
    """
    for ring in rings.rings:
        made = [(a, b) for a, b in pairwise(ring.keys) if b.created_at - a.created_at < AT_ONCE_S]
        usable = [(a, b) for a, b in made if a.usable_at(rings.read_at) and b.usable_at(rings.read_at)]
        if usable:
            apart = usable[0][1].created_at - usable[0][0].created_at
            yield Problem(f"two keys of the ring of {ring.node} were made {apart:.0f} s apart", ring.node, (ring.node,))
        else:
            yield Fine(f"no two keys of {ring.node} were made at once", subject=ring.node)
