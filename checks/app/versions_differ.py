"""Do all nodes run the same?"""

from collections import defaultdict

from sessiondoctor.api import Fine, Inconclusive, Problem, Replay, Severity, Verdicts, check, named, odd_ones


@check(severity=Severity.MEDIUM, false_alarm=0.03)
def versions_differ(replay: Replay) -> Verdicts:
    """Nodes say that they run different versions.

    A trigger rather than a cause: what one version writes into a session another may not read.
    """
    values: dict[str, dict[str, str]] = defaultdict(dict)
    for visit in replay.visits:
        for name, value in visit.headers.items():
            values[name][visit.node] = value
    told = {name: nodes for name, nodes in values.items() if len(nodes) > 1}
    if not told:
        raise Inconclusive("no header of two nodes tells a version")
    for name, nodes in told.items():
        odd, common = odd_ones(nodes)
        if odd:
            yield Problem(
                f"{named(odd, 'reports', 'report')} {name} {nodes[odd[0]]!r}; the other nodes report {common!r}",
                where=odd,
            )
            return
    yield Fine(f"every node reports the same {', '.join(told)}")
