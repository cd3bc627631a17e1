"""Do all balancers keep a client where it belongs?"""

from sessiondoctor.api import (
    EntryPoints,
    EntryPointTest,
    Fine,
    Inconclusive,
    NotApplicable,
    Problem,
    Severity,
    Topology,
    Unknown,
    Verdicts,
    check,
)


@check(severity=Severity.HIGH, role="loss")
def balancers_disagree(entry_points: EntryPoints, topology: Topology) -> Verdicts:
    """One balancer chooses another node than the site's public entry does.

    A session that was made through the site's URL is looked at through the URL of each balancer, with the same cookies
    and the site's name. Where state moves along, another node is harmless.
    """
    entry_tests = entry_points.of("balancer")
    if not entry_tests:
        raise NotApplicable("no balancer with an address of its own", hint="declare load_balancers[].url")
    if entry_points.home_lost:
        raise Inconclusive("a client that keeps to the site's URL loses its state as well")
    for entry_test in entry_tests:
        yield _verdict(entry_test, sticky=topology.mode() == "sticky")


def _verdict(entry_test: EntryPointTest, *, sticky: bool) -> Problem | Fine | Unknown:
    name, seen = entry_test.entry_point.name, {"client": entry_test.client}
    states, node = _states(entry_test), _moved_to(entry_test)
    if "lost" in states:
        to = f": {node} answers instead of {entry_test.made.node}" if node else ""
        return Problem(f"through {name} a client loses its state{to}", subject=name, where=(name,), seen=seen)
    if "kept" in states:
        return Fine(f"{name} keeps what the site's entry keeps", subject=name, seen=seen)
    if node and sticky:
        text = f"through {name} a client is answered by {node} instead of {entry_test.made.node}"
        return Problem(text, subject=name, where=(name,), seen=seen)
    return Unknown(_why(entry_test), subject=name, seen=seen)


def _states(entry_test: EntryPointTest) -> set[str]:
    """What was seen of the state by a client that sent its cookie."""
    return {exchange.state for exchange in (entry_test.raw_there if entry_test.withheld else entry_test.there)}


def _moved_to(entry_test: EntryPointTest) -> str:
    """The other node, if one answered at home throughout and never there."""
    home = {exchange.node for exchange in (entry_test.made, *entry_test.back)}
    there = [
        exchange.node
        for exchange in (entry_test.raw_there if entry_test.withheld else entry_test.there)
        if exchange.node
    ]
    return there[0] if there and len(home) == 1 and "" not in home and home.isdisjoint(there) else ""


def _why(entry_test: EntryPointTest) -> str:
    if entry_test.leads_to and not entry_test.there:
        return f"it redirects to {entry_test.leads_to}"
    troubles = (entry_test.trouble, *(exchange.trouble for exchange in entry_test.there))
    return next(filter(None, troubles), "whether state survives cannot be seen: declare site.flow")
