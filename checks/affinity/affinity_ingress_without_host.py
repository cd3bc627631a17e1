"""Does the Ingress with affinity name its hosts and paths?"""

import re

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
)  # fmt: skip

OLD = re.compile(r"nginx-ingress-controller:v?0\.(?:\d|1\d|2[0-4])\b")


@check(severity=Severity.MEDIUM)
def affinity_ingress_without_host(configs: Configs, topology: Topology) -> Verdicts:
    """An Ingress with cookie affinity has a rule without host.

    ingress-nginx wrote no sticky upstream for the catch-all host or for a rule without a path before version 0.25, and
    still sets the cookie for the paths of its own rules only. It is judged where the controller's image is that old, or
    where users lose their sessions.
    """
    sticky = {affinity.pool for affinity in configs.affinities if affinity.product == "ingress-nginx"}
    rules = [proxy for proxy in configs.proxies if proxy.product == "ingress-nginx" and proxy.target in sticky]
    if not rules:
        raise NotApplicable("no given file has an Ingress of ingress-nginx with affinity")
    lacking_some = [rule for rule in rules if _lacking(rule)]
    if lacking_some and not topology.symptoms and not any(OLD.search(one.image) for one in configs.workloads):
        raise Inconclusive("it matters for ingress-nginx before 0.25, and the controller's version is not known")
    for rule in rules:
        if lacking := _lacking(rule):
            text = f"the rule for {rule.target} has no {lacking}: the controller may leave out its affinity"
            yield Problem(text, subject=rule.owner, where=(rule.owner,), at=rule.at, detail=rule.target)
    if not lacking_some:
        yield Fine("every rule with affinity names its host and path")


def _lacking(rule: Proxy) -> str:
    return "host" if not rule.host else "" if rule.path else "path"
