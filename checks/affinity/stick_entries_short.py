"""Do entries of the stick table live as long as a session?"""

from sessiondoctor.api import (
    Fine,
    Inconclusive,
    NotApplicable,
    Problem,
    Severity,
    StickTables,
    Topology,
    Verdicts,
    check,
)

FEWEST = 5  # entries: the one that was used last shows what a new one has


@check(severity=Severity.HIGH, false_alarm=0.01)
def stick_entries_short(tables: StickTables, topology: Topology) -> Verdicts:
    """Entries of the stick table live shorter than an idle session.

    The entry that was used last has nearly all of its life before it. Where that is less than the session's idle
    time, a client that pauses comes back to any server.
    """
    idle = topology.site.idle_timeout
    given = [one for one in tables.tables if one.longest_s is not None and one.shown >= FEWEST]
    if not given:
        raise NotApplicable("no stick table with several entries was given")
    if not idle:
        raise Inconclusive("how long a session lives is not known; declare site.idle_timeout")
    short = [one for one in given if (one.longest_s or 0.0) < idle]
    for one in short:
        text = f"entries of the table {one.name} live {one.longest_s:.0f} s at most, idle sessions {idle:.0f} s"
        yield Problem(text, subject=one.balancer, where=(one.balancer,), at=one.at, detail=one.name)
    if not short:
        yield Fine("entries live as long as an idle session")
