"""Is there a second copy of each session in the cluster?"""

import re

from sessiondoctor.api import (
    Configs,
    Fine,
    Manager,
    NotApplicable,
    Problem,
    Severity,
    Topology,
    Unknown,
    Verdicts,
    check,
)

SESSIONS = re.compile(r"sess|web|dist", re.IGNORECASE)
LOST = {"logged-out-at-node-loss", "logged-out-at-deploy", "state-lost", "logged-out-at-random"}


@check(severity=Severity.HIGH, shows="one-copy-alone")
def sessions_without_backup(configs: Configs, topology: Topology) -> Verdicts:
    """A map of sessions has no second copy.

    `backup-count` 0 of Hazelcast and `owners="1"` of Infinispan: when a node ends, its share of all sessions ends.
    Caches that are bounded are left out: what holds the sessions then is a database behind them.
    """
    told = [one for one in configs.managers if one.backups is not None and not one.setting("bounded")]
    if not told:
        raise NotApplicable("no given file says how many copies a map or cache has")
    for one in told:
        name = one.setting("name") or "default"
        if one.backups:
            yield Fine(f"{name} has {one.backups + 1} copies", subject=one.owner)
        elif SESSIONS.search(name) or LOST & set(topology.symptoms) or _are_kept_there(configs):
            yield Problem(f"{name} has no second copy: {_setting(one)}", subject=one.owner, where=(one.owner,),
                          at=one.at, detail=name)  # fmt: skip
        else:
            yield Unknown(f"whether {name} holds sessions is not known", subject=one.owner)


def _are_kept_there(configs: Configs) -> bool:
    return any(one.place == "cluster" and one.role == "session" for one in configs.session_stores)


def _setting(one: Manager) -> str:
    return 'owners="1"' if one.product == "infinispan" else "backup-count is 0"
