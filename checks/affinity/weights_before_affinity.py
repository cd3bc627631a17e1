"""Is a client's pool chosen anew on each request, before affinity applies?"""

from sessiondoctor.api import Configs, Fine, NotApplicable, Problem, Rule, Severity, Topology, Verdicts, check


@check(severity=Severity.MEDIUM, false_alarm=0.01)
def weights_before_affinity(configs: Configs, topology: Topology) -> Verdicts:
    """Requests are divided by weight before affinity applies.

    Istio, canary Ingresses and weighted target groups draw the pool for each request, unless they are told to remember
    it: a user moves between versions, and so between nodes. Where the pools are at hand and keep nobody, weights take
    nothing away.
    """
    weighted = [rule for rule in configs.rules if rule.kind in {"weight", "canary"}]
    if not weighted:
        raise NotApplicable("no given file divides requests by weight")
    if not topology.may_need_affinity() or configs.shares_sessions():
        raise NotApplicable("the nodes share their sessions, so that moving is no loss")
    fragment = bool(topology.symptoms) and not configs.pools
    weighted = [rule for rule in weighted if fragment or _meets_affinity(rule, configs)]
    if not weighted:
        raise NotApplicable("no given file has affinity that weights could override")
    loose = [rule for rule in weighted if not rule.sticky]
    for rule in loose:
        names = " and ".join(dict.fromkeys(name for name, _ in rule.targets if name)) or "two pools"
        yield Problem(f"requests are divided between {names} before affinity applies", subject=rule.owner,
                      where=(rule.owner,), at=rule.at, detail=rule.scope)  # fmt: skip
    if not loose:
        yield Fine("a client stays with the pool that was drawn for it")


def _meets_affinity(rule: Rule, configs: Configs) -> bool:
    """Whether a client is kept within one of the pools, or by the same file."""
    pools = {name.partition("/")[0] for name, _ in rule.targets}
    return any(one.pool in pools if one.pool else one.owner == rule.owner for one in configs.affinities)
