"""Does the proxy restore the client's address from the proxy in front?"""

from sessiondoctor.api import Configs, Fine, NotApplicable, Problem, Severity, Topology, Verdicts, check


@check(severity=Severity.LOW, role="hygiene")
def client_address_not_restored(configs: Configs, topology: Topology) -> Verdicts:
    """A proxy passes on the address of the proxy in front.

    Whoever goes by the address (limits, logs, sessions that are bound to it) then sees one client in place of many.
    """
    inner = {one.name for one in topology.load_balancers if one.behind}
    proxies = [one for one in configs.proxies if one.owner in inner and one.product in {"nginx", "apache", "haproxy"}]
    if not proxies:
        raise NotApplicable("no given file is of a proxy that is known to stand behind another")
    restored = {one.owner for one in configs.real_ips}
    for owner in sorted({proxy.owner for proxy in proxies}):
        first = next(proxy for proxy in proxies if proxy.owner == owner)
        if owner in restored:
            yield Fine("the client's address is restored", subject=owner)
        else:
            yield Problem(
                "the address of the proxy in front is passed on as the client's",
                subject=owner,
                where=(owner,),
                at=first.at,
            )
