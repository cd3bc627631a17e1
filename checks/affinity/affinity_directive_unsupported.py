"""Does the installed nginx have the directive that gives affinity?"""

import re

from sessiondoctor.api import (
    Affinity,
    Confidence,
    Configs,
    Fine,
    NotApplicable,
    Problem,
    Severity,
    Topology,
    Unknown,
    Verdicts,
    check,
)  # fmt: skip

FIRST = (1, 29, 6)  # of nginx open source with `sticky`
IMAGE = re.compile(r"(?:^|/)nginx:v?(\d+)\.(\d+)(?:\.(\d+))?")


@check(severity=Severity.HIGH)
def affinity_directive_unsupported(configs: Configs, topology: Topology) -> Verdicts:
    """The installed nginx may not know the directive for affinity.

    An older one refuses the whole file, and after a failed reload goes on with the configuration before it, without
    affinity. `session_sticky` is a module of Tengine that has to be built in. The version is read from the image's tag,
    where a manifest names one.
    """
    sticky = [
        one for one in configs.affinities if one.product == "nginx" and "sticky" in one.directive.split(" ", 1)[0]
    ]
    if not sticky and any(pool.whole for pool in configs.pools):
        yield Fine("no given balancer is told to keep clients by the directive `sticky`")
        return
    if not sticky:
        raise NotApplicable("no given file has nginx's directive `sticky`")
    version = _version(configs)
    for affinity in sticky:
        if affinity.directive.startswith("sticky") and version and version >= FIRST:
            yield Fine("this nginx has the directive `sticky`", subject=affinity.owner)
        elif version or topology.symptoms:
            yield _problem(affinity, version)
        else:
            yield Unknown("whether `sticky` works depends on nginx's version: 1.29.6, or NGINX Plus",
                          subject=affinity.owner)  # fmt: skip


def _problem(affinity: Affinity, version: tuple[int, ...]) -> Problem:
    has = f"nginx {'.'.join(map(str, version))} does not have it" if version else "not every nginx has it"
    needs = "nginx 1.29.6 or NGINX Plus" if affinity.directive.startswith("sticky") else "a module of Tengine"
    return Problem(
        f"`{affinity.directive}` needs {needs}; {has}",
        subject=affinity.owner,
        where=(affinity.owner,),
        at=affinity.at,
        detail=affinity.pool,
        chance=0.0 if version else 0.008,
        confidence=Confidence.FIRM if version else Confidence.TENTATIVE,
    )


def _version(configs: Configs) -> tuple[int, ...]:
    """The oldest nginx that a manifest names; empty if none does."""
    found = (IMAGE.search(workload.image) for workload in configs.workloads)
    return min((tuple(int(part or 0) for part in match.groups()) for match in found if match), default=())
