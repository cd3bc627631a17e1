"""Can every node decrypt the ring that it shares?"""

from sessiondoctor.api import Fine, KeyRings, Problem, Severity, Verdicts, check


@check(severity=Severity.HIGH)
def key_ring_bound_to_machine(rings: KeyRings) -> Verdicts:
    """Keys of a shared ring are encrypted for one machine (DPAPI).

    Other nodes see the keys in the ring that they share, and cannot decrypt them, nor what is protected with them.
    """
    for ring in rings.rings:
        bound = [key for key in ring.keys if key.protected_by == "dpapi" and key.usable_at(rings.read_at)]
        shared = [
            other.node for other in rings.rings if other is not ring and other.ids & {key.key_id for key in bound}
        ]
        if shared:
            text = f"{ring.node} shares a key with {', '.join(shared)} that DPAPI encrypts for one machine"
            yield Problem(text, subject=ring.node, where=(ring.node,))
        else:
            yield Fine(f"no shared key of {ring.node} is bound to one machine", subject=ring.node)
