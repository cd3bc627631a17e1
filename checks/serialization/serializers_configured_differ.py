"""Are all nodes told of one session format?"""

from sessiondoctor.api import Configs, NotApplicable, Severity, Topology, Verdicts, check, compared


@check(severity=Severity.HIGH)
def serializers_configured_differ(configs: Configs, topology: Topology) -> Verdicts:
    """Nodes are configured to write sessions in different formats.

    One node's sessions cannot be read by the other: php and igbinary, JSON and pickle, Java and JSON.
    """
    told = configs.by_owner(tuple(one for one in configs.kept_sessions() if one.serializer),
                            any_file=bool(topology.symptoms))  # fmt: skip
    words = {owner: (stores[0].stack, stores[0].serializer) for owner, stores in told.items()}
    if len(words) < 2 or len({stack for stack, _ in words.values()}) > 1:  # two are compared
        raise NotApplicable("fewer than two nodes are configured with a session format")
    yield from compared(
        words,
        {owner: stores[0] for owner, stores in told.items()},
        lambda owner, common: f"{owner} writes sessions with {words[owner][1]}; the others with {common[1]}",
        "all nodes are configured with one session format",
    )
