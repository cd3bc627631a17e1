"""Do all nodes use one session cookie?"""

import re
from collections.abc import Collection

from sessiondoctor.api import (
    Fine,
    Inconclusive,
    Problem,
    Replay,
    Severity,
    Topology,
    Verdicts,
    check,
    named,
    odd_ones,
)

_HASH = re.compile(r"[0-9a-f]{32,}", re.IGNORECASE)


@check(severity=Severity.HIGH, role="loss")
def cookie_names_differ(replay: Replay, topology: Topology) -> Verdicts:
    """Nodes use session cookies of different names.

    A node does not look at a cookie of another name, and makes a session of its own. What a name takes from the
    address that was asked, each node's own, is no difference.
    """
    seen = [(visit, visit.session_cookie) for visit in replay.visits if visit.session_cookie]
    names = {visit.node: visit.bare_name or cookie.name for visit, cookie in seen}
    if len(names) < 2:  # two nodes are compared
        raise Inconclusive("fewer than two nodes set a session cookie")
    odd, common = odd_ones(names)
    asked_as_one = replay.way == "steered" or _have_one_host(topology, names)
    if odd and not asked_as_one and _may_come_from_addresses(names.values()):
        raise Inconclusive("names differ by a hash, maybe of the address asked: declare nodes[].headers.Host")
    if odd:
        yield Problem(
            f"{named(odd, 'sets', 'set')} the session cookie {names[odd[0]]}; the other nodes set {common}", where=odd
        )
    else:
        yield Fine(f"every node sets {common}")


def _may_come_from_addresses(names: Collection[str]) -> bool:
    """Whether they differ by hashes alone, and no two nodes have the same, as no two have one address."""
    return len(set(names)) == len(names) and len({_HASH.sub("*", name) for name in names}) == 1


def _have_one_host(topology: Topology, nodes: Collection[str]) -> bool:
    """Whether all these nodes are asked under one name."""
    hosts = [
        next((value.lower() for name, value in node.headers.items() if name.lower() == "host"), "")
        for node in topology.nodes
        if node.name in nodes
    ]
    return len(set(hosts)) == 1 and hosts[0] != ""
