"""Have all nodes one list of memcached servers?"""

from sessiondoctor.api import (
    Configs,
    Fine,
    NotApplicable,
    Problem,
    Severity,
    Topology,
    Verdicts,
    check,
    named,
    odd_ones,
)


@check(severity=Severity.HIGH)
def memcached_lists_differ(configs: Configs, topology: Topology) -> Verdicts:
    """Nodes are configured with different lists of memcached servers.

    The client picks a server by the key and by the list: other names, another order or another number of servers send
    the same session elsewhere.
    """
    stores = tuple(one for one in configs.kept_sessions() if one.place == "memcached" and "," in one.endpoint)
    told = configs.by_owner(stores, any_file=bool(topology.symptoms))
    if len(told) < 2:  # two are compared
        raise NotApplicable("fewer than two nodes are configured with several memcached servers")
    odd, common = odd_ones({owner: found[0].endpoint for owner, found in told.items()})
    for owner in odd:
        store = told[owner][0]
        text = f"{named([owner], 'has', 'have')} the servers {store.endpoint}; the others have {common}"
        yield Problem(text, subject=owner, where=(owner,), at=store.at)
    if not odd:
        yield Fine("all nodes have one list of servers")
