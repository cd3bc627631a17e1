"""Do the stick tables of several balancers name the same server?"""

from itertools import combinations

from sessiondoctor.api import Fine, NotApplicable, Problem, Severity, StickTables, Verdicts, check

FEWEST = 2  # keys that both have


@check(severity=Severity.HIGH, false_alarm=0.01)
def stick_tables_disagree(tables: StickTables) -> Verdicts:
    """Two balancers keep the same client on different servers.

    Compared are the keys that both tables of one name hold. Peers that are connected have the same entries.
    """
    pairs = [(a, b) for a, b in combinations(tables.tables, 2) if a.name == b.name and a.balancer != b.balancer]
    common = [(a, b, a.servers.keys() & b.servers.keys()) for a, b in pairs]
    told = [(a, b, keys) for a, b, keys in common if len(keys) >= FEWEST]
    if not told:
        raise NotApplicable("no stick table of two balancers with the same keys was given")
    for a, b, keys in told:
        apart = sum(a.servers[key] != b.servers[key] for key in keys)
        if apart:
            text = f"{apart} of {len(keys)} clients have one server at {a.balancer} and another at {b.balancer}"
            yield Problem(text, where=(a.balancer, b.balancer), at=b.at, detail=a.name)
        else:
            yield Fine(f"{a.balancer} and {b.balancer} keep all clients alike")
