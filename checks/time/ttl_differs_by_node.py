"""Do all nodes give sessions the same expiry?"""

from statistics import median

from sessiondoctor.api import Fine, Inconclusive, Located, Problem, Severity, Verdicts, check

LEAST_S = 5.0
SHARE = 0.05


@check(severity=Severity.HIGH)
def ttl_differs_by_node(located: Located) -> Verdicts:
    """Fresh sessions of different nodes expire after different times.

    Either the nodes are configured differently, or they compute the expiry by clocks that differ.
    """
    ttls = {s.node: s.places[0].ttl_s for s in located.sessions if s.places and s.places[0].ttl_s is not None}
    known = {node: ttl for node, ttl in ttls.items() if ttl is not None and ttl >= 0}
    if len(known) < 2:  # two nodes are compared
        raise Inconclusive("the expiry of fewer than two nodes' sessions could be read")
    middle = median(known.values())
    slack = max(LEAST_S, SHARE * middle)
    odd = tuple(sorted(node for node, ttl in known.items() if abs(ttl - middle) > slack))
    if odd:
        text = f"sessions of {', '.join(odd)} expire after {known[odd[0]]:.0f} s, of other nodes after {middle:.0f} s"
        yield Problem(text, where=odd)
    else:
        yield Fine(f"sessions expire after {middle:.0f} s, whichever node made them")
