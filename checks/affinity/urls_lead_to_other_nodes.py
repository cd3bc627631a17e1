"""Do all URLs of the site lead to the same nodes?"""

from sessiondoctor.api import Crossing, Doors, Fine, Inconclusive, NotApplicable, Problem, Severity, Verdicts, check


@check(severity=Severity.MEDIUM)
def urls_lead_to_other_nodes(doors: Doors) -> Verdicts:
    """Another URL of the site is served by nodes that the first one never meets.

    A rule by path or host sends it to another pool, where the balancer's affinity for the first pool means nothing.
    """
    crossings = doors.of("url", "scheme")
    if not crossings:
        raise NotApplicable("the site has one URL; declare site.urls")
    met = [(crossing, _nodes(crossing, "home"), _nodes(crossing, "there")) for crossing in crossings]
    home = {node for _, here, _ in met for node in here}
    named = [(crossing, there) for crossing, _, there in met if there]
    if not home or not named:
        raise Inconclusive("nothing tells which node answered")
    for crossing, there in named:
        name = crossing.door.name
        if there.isdisjoint(home):
            text = f"{name} is served by {', '.join(sorted(there))}, {doors.home} by {', '.join(sorted(home))}"
            yield Problem(text, subject=name, where=(name,))
        else:
            yield Fine(f"{name} meets the same nodes", subject=name)


def _nodes(crossing: Crossing, side: str) -> set[str]:
    hops = crossing.there + crossing.raw_there if side == "there" else (crossing.made, *crossing.back)
    return {hop.node for hop in hops if hop.node}
