"""Has the table that keeps clients on their server room for more?"""

from sessiondoctor.api import Fine, NotApplicable, Problem, Severity, StickTables, Verdicts, check

FULL = 0.98  # of its size


@check(severity=Severity.HIGH, false_alarm=0.01)
def stick_table_full(tables: StickTables) -> Verdicts:
    """HAProxy's stick table is full.

    For each new client the oldest entry goes, long before it expires: those who were idle longest are spread anew.
    """
    given = [one for one in tables.tables if one.size and one.servers]  # others count requests
    if not given:
        raise NotApplicable("no stick table that keeps clients was given")
    full = [one for one in given if one.used >= one.size * FULL]
    for one in full:
        text = f"the table {one.name} holds {one.used:,} of at most {one.size:,} entries"
        yield Problem(text, subject=one.balancer, where=(one.balancer,), at=one.at, detail=one.name)
    if not full:
        yield Fine("the tables have room")
