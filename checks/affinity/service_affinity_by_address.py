"""Does a Kubernetes Service see the client's address?"""

from sessiondoctor.api import Configs, Fine, NotApplicable, Problem, Severity, Unknown, Verdicts, check


@check(severity=Severity.HIGH)
def service_affinity_by_address(configs: Configs) -> Verdicts:
    """ClientIP affinity of a Service sees another address than the client's.

    With `externalTrafficPolicy: Cluster`, the default, the address may be translated before the pod is chosen. An
    Ingress reaches pods without the Service's affinity, or with its own address.
    """
    pinned = {(one.pool, one.owner): one for one in configs.affinities if one.product == "kubernetes"}
    if not pinned:
        raise NotApplicable("no given Service has sessionAffinity: ClientIP")
    routed = {proxy.target for proxy in configs.proxies}
    for service in configs.services:
        affinity = pinned.get((service.name, service.owner))
        if not affinity:
            continue
        if service.name and service.name in routed:
            why = "an Ingress stands in front, and the Service sees only its address"
        elif service.type in {"LoadBalancer", "NodePort"} and service.external_policy != "Local":
            why = f"externalTrafficPolicy is {service.external_policy or 'Cluster, the default'}"
        elif not service.type:
            yield Unknown("the type of the Service is not in the fragment", subject=service.owner)
            continue
        else:
            yield Fine("the Service sees its clients' addresses", subject=service.owner)
            continue
        yield Problem(f"sessionAffinity: ClientIP sees the wrong address: {why}", subject=service.owner,
                      where=(service.owner,), at=affinity.at, detail=service.name)  # fmt: skip
