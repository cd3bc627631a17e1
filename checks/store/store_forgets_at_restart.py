"""Are sessions there again after the store's restart?"""

from sessiondoctor.api import (
    Configs,
    Fine,
    NotApplicable,
    Problem,
    Severity,
    StoreServer,
    Topology,
    Unknown,
    Verdicts,
    check,
)

ASKED = {"logged-out-all-at-once", "logged-out-at-deploy"}


@check(severity=Severity.MEDIUM)
def store_forgets_at_restart(configs: Configs, topology: Topology) -> Verdicts:
    """The store writes nothing to disk: its restart ends all sessions.

    Redis with `save ""` and without `appendonly yes`. A cache may be so; this fails only if a given file keeps sessions
    in Redis, or everybody is logged out at once.
    """
    servers = [one for one in configs.store_servers if one.product == "redis" and _said(one)]
    if not servers:
        raise NotApplicable("no given file says whether a Redis writes to disk")
    for server in servers:
        if server.setting("save") or server.setting("appendonly").lower() == "yes":
            yield Fine("the store writes to disk", subject=server.owner)
        elif configs.keeps_sessions_in("redis", server) or ASKED & set(topology.symptoms):
            yield Problem("Redis writes neither snapshots nor an append-only file: its restart ends all sessions",
                          subject=server.owner, where=(server.owner,), at=server.place("save"))  # fmt: skip
        else:
            yield Unknown("whether sessions are in this Redis is not known", subject=server.owner)


def _said(server: StoreServer) -> bool:
    return any(name in {"save", "appendonly"} for name, _ in server.settings) and (
        bool(server.setting("save")) or "save" in dict(server.settings) or server.setting("appendonly").lower() == "yes"
    )
