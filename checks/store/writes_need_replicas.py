"""Does the store take writes when a replica is away?"""

from sessiondoctor.api import Configs, Fine, NotApplicable, Problem, Severity, Verdicts, check


@check(severity=Severity.LOW)
def writes_need_replicas(configs: Configs) -> Verdicts:
    """The store refuses writes while a replica is away.

    Redis with `min-replicas-to-write` above 0: users who log in are answered with NOREPLICAS until it is back. That may
    be meant; then one replica more than the number must run.
    """
    servers = [one for one in configs.store_servers if one.setting("min-replicas-to-write")]
    if not servers:
        raise NotApplicable("no given file asks for replicas at each write")
    for server in servers:
        least = server.setting("min-replicas-to-write")
        if least == "0":
            yield Fine("writes need no replica", subject=server.owner)
        else:
            yield Problem(f"Redis takes no writes unless {least} replicas answer", subject=server.owner,
                          where=(server.owner,), at=server.place("min-replicas-to-write"))  # fmt: skip
