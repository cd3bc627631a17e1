"""Do all nodes and releases protect under one application name?"""

from sessiondoctor.api import (
    Configs,
    Fine,
    NotApplicable,
    Problem,
    Setting,
    Severity,
    Topology,
    Unknown,
    Verdicts,
    check,
    named,
    odd_ones,
)


@check(severity=Severity.HIGH)
def data_protection_name_unset(configs: Configs, topology: Topology) -> Verdicts:
    """Data Protection has no application name, or not the same one everywhere.

    Without `SetApplicationName` the name is the path of the application's folder: a release in a new folder, or a copy
    elsewhere, cannot read what another one protected with the same keys. Where the ring itself is not shared, the name
    does not matter yet.
    """
    names = [one for one in configs.settings if one.name == "SetApplicationName"]
    shared = [one for one in configs.secrets if one.use == "data-protection" and one.origin == "file"]
    if not names or not shared:
        raise NotApplicable("no given file shares a key ring")
    matters = configs.has_several_nodes() or len(topology.nodes) > 1 or bool(topology.symptoms)
    for one in names:
        if one.value:
            yield Fine(f"the application's name is {one.value}", subject=one.owner)
        elif matters:
            yield Problem("the key ring has no application name (SetApplicationName): it is the path of the folder",
                          subject=one.owner, where=(one.owner,), at=one.at)  # fmt: skip
        else:
            yield Unknown("whether other releases or nodes use the same ring is not known", subject=one.owner)
    yield from _different(configs, names)


def _different(configs: Configs, names: list[Setting]) -> Verdicts:
    told = {
        owner: found[0].value for owner, found in configs.by_owner(tuple(one for one in names if one.value)).items()
    }
    odd, common = odd_ones(told) if len(told) > 1 else ((), "")
    if odd:
        place = next(one for one in names if one.owner == odd[0])
        yield Problem(f"{named(odd, 'protects', 'protect')} as {told[odd[0]]}, the others as {common}", subject=odd[0],
                      where=odd, at=place.at, detail="differs")  # fmt: skip
