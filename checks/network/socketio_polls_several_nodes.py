"""Do all requests of one Socket.IO connection reach one process?"""

from collections.abc import Iterator

from sessiondoctor.api import (
    Configs,
    Fine,
    NotApplicable,
    Problem,
    Setting,
    Severity,
    Topology,
    Unknown,
    Verdicts,
    check,
)  # fmt: skip

ASKED = {"websocket-drops", "state-lost", "login-loop", "logged-out-at-random"}


@check(severity=Severity.HIGH)
def socketio_polls_several_nodes(configs: Configs, topology: Topology) -> Verdicts:
    """Socket.IO begins with polling, and nothing keeps its requests on one node.

    A polling connection is several requests of one id, which only the process that made it knows; an adapter over Redis
    does not change that. Affinity is needed, or `transports: ["websocket"]` on both sides. A client on another host
    must send cookies (`withCredentials`), or affinity by cookie never sees them.
    """
    servers = [one for one in configs.settings if one.name == "socket.io"]
    clients = [one for one in configs.settings if one.name == "socket.io-client"]
    if not servers and not clients:
        raise NotApplicable("no given file sets Socket.IO up")
    yield from (_server(one, configs, topology) for one in servers)
    yield from _clients(clients, configs, topology)


def _server(one: Setting, configs: Configs, topology: Topology) -> Problem | Fine | Unknown:
    if one.value == "websocket":
        return Fine("connections are one request each", subject=one.owner)
    kept = any(affinity.by not in {"nothing", "url"} for affinity in configs.affinities)
    workers = configs.most_workers(one) if one.scope != "sticky" else 1
    several = configs.has_several_nodes(one) or workers > 1
    if several and kept and workers <= 1:
        return Fine("the balancer keeps clients on a node", subject=one.owner)
    if several or ASKED & set(topology.symptoms):
        return Problem("Socket.IO begins with polling: without affinity its requests reach nodes that do not know them",
                       subject=one.owner, where=(one.owner,), at=one.at)  # fmt: skip
    return Unknown("whether there are several nodes is not known", subject=one.owner)


def _clients(clients: list[Setting], configs: Configs, topology: Topology) -> Iterator[Problem | Fine | Unknown]:
    cookies = [one for one in configs.affinities if one.by == "cookie"]
    for one in clients:
        needed = any(configs.concerns(kept, one) for kept in cookies) or bool(ASKED & set(topology.symptoms))
        if one.value == "with credentials":
            yield Fine("the client sends cookies", subject=one.owner)
        elif needed:
            yield Problem("the client polls another host without `withCredentials`: no affinity cookie is returned",
                          subject=one.owner, where=(one.owner,), at=one.at)  # fmt: skip
        else:
            yield Unknown("whether the balancer keeps clients by a cookie is not known", subject=one.owner)
