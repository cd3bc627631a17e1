"""Can the other nodes decrypt the Data Protection keys that they share?"""

from sessiondoctor.api import Configs, Fine, NotApplicable, Problem, Severity, Topology, Unknown, Verdicts, check


@check(severity=Severity.HIGH)
def data_protection_keys_bound(configs: Configs, topology: Topology) -> Verdicts:
    """Shared Data Protection keys are encrypted for one machine.

    `ProtectKeysWithDpapi` binds them to one machine or account: the other nodes find the keys and cannot read them. A
    certificate, or a key vault, works on all of them.
    """
    shared = [one for one in configs.secrets if one.use == "data-protection" and one.origin == "file"]
    guards = [one for one in configs.settings if one.name.startswith("ProtectKeysWith")]
    if not shared or not guards:
        raise NotApplicable("no given file encrypts a shared key ring")
    matters = configs.has_several_nodes() or len(topology.nodes) > 1 or bool(topology.symptoms)
    for one in guards:
        if one.name != "ProtectKeysWithDpapi":
            yield Fine(f"{one.name} works on every node", subject=one.owner)
        elif matters:
            yield Problem(f"{one.name} lets one machine alone read the shared keys", subject=one.owner,
                          where=(one.owner,), at=one.at)  # fmt: skip
        else:
            yield Unknown("whether several nodes share the ring is not known", subject=one.owner)
