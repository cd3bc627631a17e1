"""Are all nodes told of one store?"""

from collections import Counter
from urllib.parse import urlsplit

from sessiondoctor.api import Fine, NotApplicable, Problem, Severity, Topology, Verdicts, check, named


@check(severity=Severity.HIGH)
def store_urls_differ(topology: Topology) -> Verdicts:
    """Nodes are configured with different stores or key patterns.

    Compares what `nodes[].store_url` and `nodes[].keys` declare, host, port, database or path only.
    The order of a list of servers does not count: whether it matters, their clients decide.
    """
    told = {
        (node.service, node.name): (_place(node.store_url.reveal()), node.keys)
        for node in topology.nodes
        if node.store_url.reveal() or node.keys
    }
    if len(told) < 2:  # two nodes are compared
        raise NotApplicable("fewer than two nodes declare a store_url or keys")
    for service in sorted({service for service, _ in told}):
        mine = {name: value for (of, name), value in told.items() if of == service}
        common, _ = Counter(mine.values()).most_common(1)[0]
        odd = sorted(name for name, value in mine.items() if value != common)
        if odd:
            index = next(i for i, node in enumerate(topology.nodes) if node.name == odd[0])
            text = f"{named(odd, 'uses', 'use')} {' '.join(mine[odd[0]])}; the other nodes use {' '.join(common)}"
            yield Problem(text, where=tuple(odd), at=("nodes", index, "store_url"))
        else:
            yield Fine("all nodes are configured with the same store")


def _place(url: str) -> str:
    """Host, port and database; of a list of servers whose order may not matter, in one order."""
    parts = urlsplit(url)
    hosts = parts.netloc.rpartition("@")[2].lower().split(",")
    return ",".join(sorted(hosts)) + parts.path
