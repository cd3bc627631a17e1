"""Do all servers of an ASP.NET application have one machine key?"""

from sessiondoctor.api import (
    Configs,
    Fine,
    NotApplicable,
    Problem,
    Severity,
    Topology,
    Unknown,
    Verdicts,
    check,
    named,
    odd_ones,
)


@check(severity=Severity.HIGH)
def machine_key_generated(configs: Configs, topology: Topology) -> Verdicts:
    """Each server makes a machine key of its own.

    `AutoGenerate`, or no `<machineKey>` at all: login cookies, view state and antiforgery tokens of one server are
    refused by the next. The algorithms (`validation`, `decryption`, `compatibilityMode`) must be equal on all, too.
    """
    keys = tuple(one for one in configs.secrets if one.variable == "machineKey")
    if not keys:
        raise NotApplicable("no given file is of ASP.NET with logins or a machine key")
    matters = configs.has_several_nodes() or len(topology.nodes) > 1 or bool(topology.symptoms)
    for key in keys:
        if key.origin != "absent":
            yield Fine("the machine key is written down", subject=key.owner)
        elif matters:
            yield Problem("each server makes its own machine key: none is written down", subject=key.owner,
                          where=(key.owner,), at=key.at)  # fmt: skip
        else:
            yield Unknown("whether several servers run it is not known", subject=key.owner)
    yield from _different(configs)


def _different(configs: Configs) -> Verdicts:
    """Algorithms of servers that were named; `secrets-differ` compares the keys."""
    for name in ("validation", "decryption", "compatibilityMode"):
        told = configs.by_owner(tuple(one for one in configs.settings if (one.scope, one.name) == ("machineKey", name)))
        odd, _ = odd_ones({owner: found[0].value for owner, found in told.items()}) if len(told) > 1 else ((), "")
        if odd:
            place = told[odd[0]][0]
            text = f"{named(odd, 'has', 'have')} {name} {place.value}, unlike the others"
            yield Problem(text, subject=odd[0], where=odd, at=place.at, detail=name)
