"""Are new clients spread evenly?"""

import math
from collections import Counter

from sessiondoctor.api import Fine, Inconclusive, Problem, Severity, Verdicts, Visits, check

ENOUGH = 20  # responses; below, an uneven hand is nothing unusual
SIGNIFICANT = 0.001


@check(severity=Severity.LOW, role="hygiene")
def nodes_unevenly_used(visits: Visits) -> Verdicts:
    """New clients are spread far from evenly over the nodes.

    It loses no session; it says that a node is idle or that clients look alike to the balancer (NAT, a proxy).
    """
    counts = Counter(exchange.node for exchange in visits.firsts if exchange.node)
    counts.update(dict.fromkeys(visits.nodes, 0))
    total = sum(counts.values())
    if total < ENOUGH or len(counts) < 2:  # one node has nobody to be compared with
        raise Inconclusive("too few new clients to compare nodes; ask for more with --requests")
    expected = total / len(counts)
    chance = _chi_square_tail(sum((count - expected) ** 2 / expected for count in counts.values()), len(counts) - 1)
    shares = ", ".join(f"{node} {count}" for node, count in sorted(counts.items()))
    yield Problem(f"of {total} new clients: {shares}", chance=chance) if chance < SIGNIFICANT else Fine(shares)


def _chi_square_tail(value: float, degrees: int) -> float:
    """P(X >= value), by Wilson and Hilferty's cube-root approximation."""
    scale = 2 / (9 * degrees)
    z = ((value / degrees) ** (1 / 3) - (1 - scale)) / math.sqrt(scale)
    return 0.5 * math.erfc(z / math.sqrt(2))
