"""Do nodes write sessions to a server that takes writes?"""

import re

from sessiondoctor.api import Configs, Fact, Fine, NotApplicable, Problem, Severity, Verdicts, check

REPLICA = re.compile(r"(?:^|[.-])(?:replicas?|slaves?|ro|reader|readonly|read-only|secondary|standby)(?:[.:-]|\d|$)")


@check(severity=Severity.HIGH)
def sessions_at_replica(configs: Configs) -> Verdicts:
    """Sessions are written to an address that leads to read-only servers.

    An endpoint that is a replica's by its name, or a client in cluster mode that is given the one address of a Service:
    it spreads connections over primary and replicas, and replicas refuse writes (READONLY).
    """
    stores = [one for one in configs.session_stores if one.role == "session" and one.endpoint]
    modes = [one for one in configs.settings if one.name == "--redis-use-cluster"]
    if not stores and not modes:
        raise NotApplicable("no given file names a session store's address")
    found: list[tuple[Fact, str]] = [
        (one, f"sessions are kept at {one.endpoint}, which is a replica by its name")
        for one in stores
        if REPLICA.search(one.endpoint.lower())
    ]
    found += [
        (
            one,
            f"cluster mode is given one address, {one.value}: if primary and replicas are behind it, writes meet both",
        )
        for one in modes
        if one.value and one.value != "several"
    ]
    for fact, text in found:
        yield Problem(text, subject=fact.owner, where=(fact.owner,), at=fact.at)
    if not found:
        yield Fine("no address of a session store is a replica's")
