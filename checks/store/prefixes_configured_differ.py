"""Are all nodes told of one key prefix?"""

from sessiondoctor.api import Configs, NotApplicable, Severity, Topology, Verdicts, check, compared


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
    yield from compared(
        prefixes,
        {owner: stores[0] for owner, stores in told.items()},
        lambda owner, common: f"{owner} uses the prefix {prefixes[owner][2]!r}; the others use {common[2]!r}",
        "all nodes are configured with one prefix",
    )
