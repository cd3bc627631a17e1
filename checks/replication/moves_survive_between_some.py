"""Do moves between some nodes keep the state, and moves between others lose it?"""

from sessiondoctor.api import Fine, Inconclusive, Problem, Severity, Verdicts, Visits, check

ENOUGH = 3  # of two nodes neither is the odd one


@check(severity=Severity.HIGH, shows="sessions-shared-by-some")
def moves_survive_between_some(visits: Visits) -> Verdicts:
    """Sessions survive moves between some nodes and not between others.

    Seen through the public entry, where responses name their nodes. So sessions are meant to be shared, and something
    on one of the nodes differs: a secret, an address, a prefix, a version.
    """
    kept, lost = visits.pairs("kept"), visits.pairs("lost")
    nodes = {node for pair in kept | lost for node in pair}
    if len(nodes) < ENOUGH or not lost:
        raise Inconclusive("no session is known to have been lost between nodes of which three were met")
    if kept and kept.isdisjoint(lost):
        odd = frozenset.intersection(*lost) if len(lost) > 1 else frozenset()
        text = f"sessions survive between {_told(kept)}, and not between {_told(lost)}"
        yield Problem(text, where=tuple(sorted(odd)) if len(odd) == 1 else ())
    else:
        yield Fine("no two nodes are known to share sessions that a third does not know", power=0.5 if kept else 0.8)


def _told(pairs: set[frozenset[str]]) -> str:
    return ", ".join(" and ".join(sorted(pair)) for pair in sorted(pairs, key=sorted)[:3])
