"""Does the sub-request that asks for permission reach the node that knows the session?"""

from sessiondoctor.api import (
    Configs,
    Fine,
    Inconclusive,
    NotApplicable,
    Problem,
    Proxy,
    Severity,
    Topology,
    Verdicts,
    check,
)


@check(severity=Severity.HIGH)
def auth_subrequest_unsticky(configs: Configs, topology: Topology) -> Verdicts:
    """Authenticating sub-requests go to any replica.

    The balancer keeps the page on its node, and asks any replica of the authenticating service whether the user is
    logged in. A replica that keeps its logins in memory does not know, and the login begins anew.
    """
    asking = [proxy for proxy in configs.proxies if proxy.auth]
    if not asking:
        raise NotApplicable("no given file has an authenticating sub-request")
    if configs.shares_sessions():
        raise NotApplicable("the logins are in a shared store")
    counted = {proxy.auth: _replicas(configs, proxy) for proxy in asking}
    if not any(counted.values()) and not topology.symptoms:
        raise Inconclusive("how many replicas the authenticating service has is not known")
    for proxy in asking:
        if counted[proxy.auth] > 1 or (counted[proxy.auth] == 0 and topology.symptoms and _is_inside(proxy.auth)):
            yield Problem(
                f"requests are authorised by {_shown(proxy.auth)}, past the affinity of the page",
                subject=proxy.owner,
                where=(proxy.owner,),
                at=proxy.at,
                detail=_shown(proxy.auth),
            )
            return
    yield Fine("the authenticating service has one replica")


def _shown(url: str) -> str:
    return url.rsplit("://", maxsplit=1)[-1].split("/", maxsplit=1)[0] or url


def _is_inside(url: str) -> bool:
    """Whether the address is a Service's or an upstream's, not a public name."""
    host = _shown(url).split(":")[0]
    return "$" not in host and not host.startswith("/") and ("." not in host or ".svc" in host)


def _replicas(configs: Configs, proxy: Proxy) -> int:
    """Of the service that is asked; 0 if no file says. A path is a location of the same balancer."""
    ways = (one.target for one in configs.proxies if one.owner == proxy.owner and one.path == proxy.auth)
    asked = next(ways, "") if proxy.auth.startswith("/") else proxy.auth
    if not asked or not _is_inside(asked):
        return 0
    name = _shown(asked).split(".")[0].split(":")[0]
    counts = [configs.replicas_behind(service) for service in configs.services if service.name == name]
    counts += [one.replicas or 0 for one in configs.workloads if one.name == name]
    counts += [len(pool.servers) for pool in configs.pools if pool.name == name]
    return max(counts, default=0)
