"""Are all nodes told of one key prefix?"""

from sessiondoctor.api import (
    Configs,
    Fine,
    NotApplicable,
    Problem,
    Severity,
    Topology,
    Verdicts,
    check,
    named,
    odd_ones,
)


@check(severity=Severity.HIGH)
def prefixes_configured_differ(configs: Configs, topology: Topology) -> Verdicts:
    """Nodes are configured with different prefixes of session keys.

    Compared are nodes whose store is the same: what one writes, the other does not find under its own prefix.
    """
    told = configs.by_owner(tuple(one for one in configs.kept_sessions() if one.prefix is not None),
                            any_file=bool(topology.symptoms))  # fmt: skip
    prefixes = {owner: (stores[0].stack, stores[0].place, stores[0].prefix) for owner, stores in told.items()}
    if len(prefixes) < 2 or len({value[:2] for value in prefixes.values()}) > 1:  # two are compared
        raise NotApplicable("fewer than two nodes are configured with a key prefix")
    odd, common = odd_ones(prefixes)
    for owner in odd:
        store = told[owner][0]
        text = f"{named([owner], 'uses', 'use')} the prefix {store.prefix!r}; the others use {common[2]!r}"
        yield Problem(text, subject=owner, where=(owner,), at=store.at)
    if not odd:
        yield Fine("all nodes are configured with one prefix")
