"""Does affinity reach the pod, or only the machine in front of it?"""

from sessiondoctor.api import Configs, Fine, NotApplicable, Problem, Severity, Verdicts, check


@check(severity=Severity.MEDIUM)
def affinity_ends_at_host(configs: Configs) -> Verdicts:
    """Affinity ends at a Kubernetes node, not at a pod.

    The targets of the balancer are machines (`target-type: instance`, NodePorts), not pods. The cookie is there and
    comes back, and the pod changes all the same.
    """
    settings = [one for one in configs.settings if one.name == "alb.ingress.kubernetes.io/target-type"]
    outer = [one for one in configs.affinities if one.product in {"aws-alb", "aws-nlb", "digitalocean"}]
    meant = [one for one in configs.mistakes if one.about == "affinity" and "stick" in one.meant]
    if not (outer or meant) or not (settings or any("target-type:" in word for one in outer for word in one.options)):
        raise NotApplicable("no given file has affinity of a cloud balancer in front of Kubernetes")
    machines = [one for one in settings if one.value == "instance"]
    local = {one.owner for one in configs.services if one.external_policy == "Local"}
    nodes = [one for one in outer if {"target-type:instance", "target-type:node"} & set(one.options)]
    place = next(iter([*machines, *nodes]), None)
    if place and place.owner not in local:
        yield Problem("the balancer's targets are machines; which pod answers is drawn behind them",
                      subject=place.owner, where=(place.owner,), at=place.at)  # fmt: skip
    else:
        yield Fine("the balancer's targets are pods")
