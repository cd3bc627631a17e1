"""Is the session store's address the same place for every node?"""

import re
from urllib.parse import urlsplit

from sessiondoctor.api import (
    Configs,
    Fine,
    NotApplicable,
    Problem,
    SessionStore,
    Severity,
    Topology,
    Unknown,
    Verdicts,
    check,
)  # fmt: skip

OWN = re.compile(r"(?:localhost|127\.\d+\.\d+\.\d+|\[?::1\]?)(?::\d+)?(?:,.*)?")
REMOTE = {"redis", "memcached", "sql"}


@check(severity=Severity.HIGH)
def store_on_own_host(configs: Configs, topology: Topology) -> Verdicts:
    """The session store's address is localhost, another place for each node.

    In a container localhost is the container itself, where no store runs; with several nodes each has a store of its
    own. A container with the host's network is left out. Nodes that are all reached at one host may be processes of one
    machine, which have one localhost.
    """
    stores = [one for one in configs.session_stores if one.place in REMOTE and one.endpoint and one.role != "cache"]
    if not stores:
        raise NotApplicable("no given file names a session store's address")
    own = [one for one in stores if OWN.fullmatch(one.endpoint)]
    if not own:
        yield Fine("the store's address is no node's own")
        return
    host_network = any(one.name == "network_mode" and one.value == "host" for one in configs.settings)
    hosts = [urlsplit(node.url).hostname for node in topology.nodes if node.url]
    together = len(hosts) > 1 and len(set(hosts)) == 1
    for store in own:
        yield _judged(store, configs, host_network=host_network, together=together)


def _judged(store: SessionStore, configs: Configs, *, host_network: bool, together: bool) -> Problem | Unknown:
    if configs.has_several_nodes(store) and together:
        return Unknown("whether the nodes, reached at one host, are containers is not known", subject=store.owner)
    if configs.has_several_nodes(store):
        why = "each of the nodes has one of its own"
    elif store.format in {"compose", "kubernetes", "helm"} and not host_network:
        why = "in a container that is the container itself"
    else:
        return Unknown("whether there are several nodes or containers is not known", subject=store.owner)
    return Problem(f"the session store is at {store.endpoint}, and {why}", subject=store.owner, where=(store.owner,),
                   at=store.at, detail=store.endpoint)  # fmt: skip
