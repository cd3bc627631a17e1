"""Does the Ingress with affinity name its hosts and paths?"""

from sessiondoctor.api import Configs, Fine, NotApplicable, Problem, Proxy, Severity, Verdicts, check


@check(severity=Severity.MEDIUM)
def affinity_ingress_without_host(configs: Configs) -> Verdicts:
    """An Ingress with cookie affinity has a rule without host.

    ingress-nginx wrote no sticky upstream for the catch-all host or for a rule without a path before version 0.25, and
    still sets the cookie for the paths of its own rules only.
    """
    sticky = {affinity.pool for affinity in configs.affinities if affinity.product == "ingress-nginx"}
    rules = [proxy for proxy in configs.proxies if proxy.product == "ingress-nginx" and proxy.target in sticky]
    if not rules:
        raise NotApplicable("no given file has an Ingress of ingress-nginx with affinity")
    for rule in rules:
        if lacking := _lacking(rule):
            text = f"the rule for {rule.target} has no {lacking}: the controller may leave out its affinity"
            yield Problem(text, subject=rule.owner, where=(rule.owner,), at=rule.at, detail=rule.target)
    if not any(map(_lacking, rules)):
        yield Fine("every rule with affinity names its host and path")


def _lacking(rule: Proxy) -> str:
    return "host" if not rule.host else "" if rule.path else "path"
