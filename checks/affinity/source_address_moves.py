"""Does a client that comes from another address meet the same session?"""

from sessiondoctor.api import (
    Crossing,
    Doors,
    Fine,
    Inconclusive,
    NotApplicable,
    Problem,
    Severity,
    Topology,
    Unknown,
    Verdicts,
    Walk,
    check,
)


@check(severity=Severity.HIGH, role="loss")
def source_address_moves(doors: Doors, topology: Topology) -> Verdicts:
    """A client that connects from another address is sent to another node, or loses its state.

    The same client, with the same cookies, connects from each address in `site.sources`. A balancer that keeps clients
    by their address does not know it again. Where state moves along, another node is harmless.
    """
    crossings = doors.of("source")
    if not crossings:
        raise NotApplicable("clients connected from one address", hint="declare site.sources")
    if doors.home_lost:
        raise Inconclusive("a client that keeps its address loses its state as well")
    for crossing in crossings:
        yield _verdict(crossing, sticky=topology.mode() == "sticky")


def _verdict(crossing: Crossing, *, sticky: bool) -> Problem | Fine | Unknown:
    name, seen, node = crossing.door.name, {"strip": Walk(crossing.hops).strip()}, _moved_to(crossing)
    if crossing.lost:
        to = f", where {node} answers" if node else ""
        return Problem(f"a client that comes from {name} loses its state{to}", subject=name, seen=seen)
    if crossing.kept:
        return Fine(f"a client that comes from {name} keeps its state", subject=name, seen=seen)
    if node and sticky:
        text = f"a client that comes from {name} is answered by {node} instead of {crossing.made.node}"
        return Problem(text, subject=name, seen=seen)
    if not crossing.trouble and not node and any(hop.node for hop in crossing.there):
        return Fine(f"a client that comes from {name} meets the same node", subject=name, seen=seen, power=0.5)
    reason = crossing.trouble or "whether state survives cannot be seen: declare site.flow"
    return Unknown(reason, subject=name, seen=seen)


def _moved_to(crossing: Crossing) -> str:
    """The other node, if one answered at home throughout and never there."""
    home = {hop.node for hop in (crossing.made, *crossing.back)}
    there = [hop.node for hop in crossing.there if hop.node]
    return there[0] if there and len(home) == 1 and "" not in home and home.isdisjoint(there) else ""
