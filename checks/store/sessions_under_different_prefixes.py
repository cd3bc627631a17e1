"""Do all nodes use one key prefix?"""

from collections import Counter

from sessiondoctor.api import Fine, Inconclusive, Located, Problem, Severity, Verdicts, check, named, odd_ones


@check(severity=Severity.HIGH, role="loss")
def sessions_under_different_prefixes(located: Located) -> Verdicts:
    """Nodes keep their sessions in one store under different key prefixes.

    Each looks for the other's sessions under its own prefix and finds none.
    """
    places = {session.node: session.places[0] for session in located.sessions if session.places}
    counts = Counter(place.home for place in places.values())
    if not counts or counts.most_common(1)[0][1] < 2:  # two nodes are compared
        raise Inconclusive("the sessions of fewer than two nodes were found in one store")
    home = counts.most_common(1)[0][0]
    prefixes = {node: place.prefix for node, place in places.items() if place.home == home}
    odd, common = odd_ones(prefixes)
    if odd:
        yield Problem(
            f"{named(odd, 'writes', 'write')} keys under {prefixes[odd[0]]!r}; the other nodes write under {common!r}",
            where=odd,
        )
    else:
        yield Fine(f"every node writes its keys under {common!r}")
