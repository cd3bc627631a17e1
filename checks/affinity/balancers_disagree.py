"""Do all balancers keep a client where it belongs?"""

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
def balancers_disagree(doors: Doors, topology: Topology) -> Verdicts:
    """One balancer sends a client to another node than the site's entry does, or loses its state.

    A session that was made through the site's URL is looked at through the URL of each balancer, with the same cookies
    and the site's name. Where state moves along, another node is harmless.
    """
    crossings = doors.of("balancer")
    if not crossings:
        raise NotApplicable("no balancer with an address of its own", hint="declare load_balancers[].url")
    if doors.home_lost:
        raise Inconclusive("a client that keeps to the site's URL loses its state as well")
    for crossing in crossings:
        yield _verdict(crossing, sticky=topology.mode() == "sticky")


def _verdict(crossing: Crossing, *, sticky: bool) -> Problem | Fine | Unknown:
    name, seen = crossing.door.name, {"strip": Walk(crossing.hops).strip()}
    states, node = _states(crossing), _moved_to(crossing)
    if "lost" in states:
        to = f": {node} answers instead of {crossing.made.node}" if node else ""
        return Problem(f"through {name} a client loses its state{to}", subject=name, where=(name,), seen=seen)
    if "kept" in states:
        return Fine(f"{name} keeps what the site's entry keeps", subject=name, seen=seen)
    if node and sticky:
        text = f"through {name} a client is answered by {node} instead of {crossing.made.node}"
        return Problem(text, subject=name, where=(name,), seen=seen)
    return Unknown(_why(crossing), subject=name, seen=seen)


def _states(crossing: Crossing) -> set[str]:
    """What was seen of the state by a client that sent its cookie."""
    return {hop.state for hop in (crossing.raw_there if crossing.withheld else crossing.there)}


def _moved_to(crossing: Crossing) -> str:
    """The other node, if one answered at home throughout and never there."""
    home = {hop.node for hop in (crossing.made, *crossing.back)}
    there = [hop.node for hop in (crossing.raw_there if crossing.withheld else crossing.there) if hop.node]
    return there[0] if there and len(home) == 1 and "" not in home and home.isdisjoint(there) else ""


def _why(crossing: Crossing) -> str:
    if crossing.leads_to and not crossing.there:
        return f"it redirects to {crossing.leads_to}"
    troubles = (crossing.trouble, *(hop.trouble for hop in crossing.there))
    return next(filter(None, troubles), "whether state survives cannot be seen: declare site.flow")
