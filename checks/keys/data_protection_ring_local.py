"""Do all nodes have one Data Protection key ring, also after a restart?"""

from sessiondoctor.api import (
    Configs,
    Fine,
    NotApplicable,
    Problem,
    Secret,
    Severity,
    Topology,
    Unknown,
    Verdicts,
    check,
)


@check(severity=Severity.CRITICAL)
def data_protection_ring_local(configs: Configs, topology: Topology) -> Verdicts:
    """The Data Protection key ring is in a folder of each node.

    Without `PersistKeysTo...` the ring is in the user's profile, which a container loses at each start and no other
    node sees. A folder is as bad where no volume holds it. One node on one machine keeps it.
    """
    rings = [one for one in configs.secrets if one.use == "data-protection"]
    if not rings:
        raise NotApplicable("no given file sets up Data Protection")
    matters = configs.has_several_nodes() or len(topology.nodes) > 1 or configs.workloads or topology.symptoms
    for ring in rings:
        why = _why(ring, configs)
        if not why:
            yield Fine("the key ring is kept in one place", subject=ring.owner)
        elif matters:
            yield Problem(why, subject=ring.owner, where=(ring.owner,), at=ring.at, detail=ring.variable)
        else:
            yield Unknown("whether several nodes or containers run it is not known", subject=ring.owner)


def _why(ring: Secret, configs: Configs) -> str:
    if ring.origin == "made-at-start":
        return "the key ring is made anew at each start"
    if ring.origin == "absent":
        return "nothing says where the key ring is kept (PersistKeysTo...): each node or container makes its own"
    folder = next((one.value for one in configs.settings if one.name == ring.variable == "PersistKeysToFileSystem"), "")
    held = any(folder.startswith(volume.path.rstrip("/")) and volume.kind != "ephemeral" for volume in configs.volumes)
    if configs.workloads and folder.startswith("/") and not held:
        return f"the key ring is in {folder}, and no volume of the container holds it"
    return ""
