"""Do all nodes and containers see one folder of session files?"""

from sessiondoctor.api import (
    Configs,
    Fine,
    NotApplicable,
    Problem,
    SessionStore,
    Severity,
    Topology,
    Unknown,
    Verdicts,
    Workload,
    check,
)

ASKED = {
    "logged-out-at-random", "logged-out-at-deploy", "logged-out-at-node-loss", "login-loop", "state-lost",
    "state-flaps",
}  # fmt: skip
TMP = "/tmp"  # noqa: S108 - a folder named in a file
DURABLE = {"named", "host", "shared"}


@check(severity=Severity.HIGH)
def session_files_not_shared(configs: Configs, topology: Topology) -> Verdicts:
    """Sessions are in files of one node or one container.

    A folder of one machine or container: with several replicas each has sessions of its own, and a container without a
    volume loses them when it is made anew. Where nothing says how many nodes there are, only a declared symptom counts.
    """
    kept = [one for one in configs.kept_sessions() if one.place == "files"]
    if not kept:
        raise NotApplicable("no given file keeps sessions in files")
    for store in kept:
        why = _why(store, configs)
        if why or ASKED & set(topology.symptoms):
            text = f"sessions are in files{_folder(store)}{why or ', which one node alone has unless it is shared'}"
            yield Problem(text, subject=store.owner, where=(store.owner,), at=store.at, detail=store.stack)
        elif any(one.kind in DURABLE for one in configs.volumes):
            yield Fine("a volume keeps the session files", subject=store.owner)
        else:
            yield Unknown("whether other nodes have the session files is not known", subject=store.owner)


def _folder(store: SessionStore) -> str:
    return f" ({store.endpoint})" if store.endpoint else ""


def _why(store: SessionStore, configs: Configs) -> str:
    """What makes the files those of one node, as far as files say."""
    private = [one for one in configs.volumes if one.path == TMP and one.kind == "ephemeral"]
    if private and store.endpoint.startswith(TMP):
        return ", in the private /tmp of a unit, which ends with it"
    folders = {one.endpoint for one in configs.kept_sessions() if one.place == "files" and one.endpoint}
    if len(folders) > 1 and any(one.owner != store.owner for one in configs.kept_sessions()):
        return ", and another node names another folder"
    volumes = {one.workload for one in configs.volumes if one.kind == "shared" or one.kind in DURABLE}
    replicated = [one for one in configs.workloads if _replicas(one) > 1 and configs.concerns(one, store)]
    shared = any(one.kind == "shared" for one in configs.volumes)
    if replicated and not shared:
        return f", and {replicated[0].name or 'the application'} has several replicas without a shared volume"
    running = [one for one in configs.workloads if one.kind in {"compose", "Deployment"} and one.owner == store.owner]
    if running and not any(one.name in volumes for one in running):
        return " of a container without a volume: they go with it"
    return ""


def _replicas(workload: Workload) -> int:
    return max(workload.replicas or 0, 2 if workload.autoscaled else 0)
