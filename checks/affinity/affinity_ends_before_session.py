"""Does affinity last as long as a session?"""

from sessiondoctor.api import (
    Affinity,
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


@check(severity=Severity.MEDIUM, false_alarm=0.05)
def affinity_ends_before_session(configs: Configs, topology: Topology) -> Verdicts:
    """Affinity ends earlier than a session does.

    Compared are the life of the cookie or the table and how long a session lives without a request, as declared or as
    the application's configuration says.
    """
    if not topology.may_need_affinity() or configs.shares_sessions():
        raise NotApplicable("the nodes share their sessions, so that moving is no loss")
    limited = [one for one in configs.affinities if one.life_s]
    if not limited:
        raise NotApplicable("no given file limits how long affinity lasts")
    idle = _idle(configs, topology)
    if not idle:
        yield Unknown("how long a session lives is not known; declare site.idle_timeout")
        return
    for affinity in limited:
        yield _verdict(affinity, idle)


def _idle(configs: Configs, topology: Topology) -> float:
    declared = float(topology.site.idle_timeout or 0)
    return declared or max((one.seconds for one in configs.session_idles), default=0.0)


def _verdict(affinity: Affinity, idle: float) -> Problem | Fine:
    life = affinity.life_s or 0.0
    if life >= idle:
        return Fine(f"affinity lasts {life:g} s, and a session {idle:g} s", subject=affinity.owner)
    return Problem(f"affinity lasts {life:g} s, and a session lives {idle:g} s without a request",
                   subject=affinity.owner, where=(affinity.owner,), at=affinity.at, detail=affinity.pool)  # fmt: skip
