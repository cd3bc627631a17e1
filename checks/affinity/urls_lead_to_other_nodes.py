"""Do all URLs of the site lead to the same nodes?"""

from sessiondoctor.api import (
    EntryPoints,
    EntryPointTest,
    Fine,
    Inconclusive,
    NotApplicable,
    Problem,
    Severity,
    Verdicts,
    check,
)


@check(severity=Severity.MEDIUM)
def urls_lead_to_other_nodes(entry_points: EntryPoints) -> Verdicts:
    """Another URL of the site is served by other nodes.

    A rule by path or host sends it to another pool, where the balancer's affinity for the first pool means nothing.
    """
    entry_tests = entry_points.of("url", "scheme")
    if not entry_tests:
        raise NotApplicable("the site has one URL; declare site.urls")
    met = [(entry_test, _nodes(entry_test, "home"), _nodes(entry_test, "there")) for entry_test in entry_tests]
    home = {node for _, here, _ in met for node in here}
    named = [(entry_test, there) for entry_test, _, there in met if there]
    if not home or not named:
        raise Inconclusive("nothing tells which node answered")
    for entry_test, there in named:
        name = entry_test.entry_point.name
        if there.isdisjoint(home):
            text = f"{name} is served by {', '.join(sorted(there))}, {entry_points.home} by {', '.join(sorted(home))}"
            yield Problem(text, subject=name, where=(name,))
        else:
            yield Fine(f"{name} meets the same nodes", subject=name)


def _nodes(entry_test: EntryPointTest, side: str) -> set[str]:
    exchanges = entry_test.there + entry_test.raw_there if side == "there" else (entry_test.made, *entry_test.back)
    return {exchange.node for exchange in exchanges if exchange.node}
