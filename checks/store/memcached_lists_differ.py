"""Have all nodes one list of memcached servers?"""

from sessiondoctor.api import Configs, NotApplicable, Severity, Topology, Verdicts, check, compared


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
    servers = {owner: found[0].endpoint for owner, found in told.items()}
    yield from compared(
        servers,
        {owner: found[0] for owner, found in told.items()},
        lambda owner, common: f"{owner} has the servers {servers[owner]}; the others have {common}",
        "all nodes have one list of servers",
    )
