"""Does a client that comes from another address meet the same session?"""

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
def source_address_moves(entry_points: EntryPoints, topology: Topology) -> Verdicts:
    """A client that changes its address changes its node.

    The same client, with the same cookies, connects from each address in `site.sources`. A balancer that keeps clients
    by their address does not know it again. Where state moves along, another node is harmless.
    """
    entry_tests = entry_points.of("source")
    if not entry_tests:
        raise NotApplicable("clients connected from one address", hint="declare site.sources")
    if entry_points.home_lost:
        raise Inconclusive("a client that keeps its address loses its state as well")
    for entry_test in entry_tests:
        yield _verdict(entry_test, sticky=topology.mode() == "sticky")


def _verdict(entry_test: EntryPointTest, *, sticky: bool) -> Problem | Fine | Unknown:
    name, seen, node = (
        entry_test.entry_point.name,
        {"client": entry_test.client},
        _moved_to(entry_test),
    )
    if entry_test.lost:
        to = f", where {node} answers" if node else ""
        return Problem(f"a client that comes from {name} loses its state{to}", subject=name, seen=seen)
    if entry_test.kept:
        return Fine(f"a client that comes from {name} keeps its state", subject=name, seen=seen)
    if node and sticky:
        text = f"a client that comes from {name} is answered by {node} instead of {entry_test.made.node}"
        return Problem(text, subject=name, seen=seen)
    if not entry_test.trouble and not node and any(exchange.node for exchange in entry_test.there):
        return Fine(f"a client that comes from {name} meets the same node", subject=name, seen=seen, power=0.5)
    reason = entry_test.trouble or "whether state survives cannot be seen: declare site.flow"
    return Unknown(reason, subject=name, seen=seen)


def _moved_to(entry_test: EntryPointTest) -> str:
    """The other node, if one answered at home throughout and never there."""
    home = {exchange.node for exchange in (entry_test.made, *entry_test.back)}
    there = [exchange.node for exchange in entry_test.there if exchange.node]
    return there[0] if there and len(home) == 1 and "" not in home and home.isdisjoint(there) else ""
