"""Do all updates of a session count that are made at the same time?"""

from sessiondoctor.api import Burst, Fine, Inconclusive, Problem, Severity, Unknown, Updates, Verdicts, check

SUBJECTS = {"site": "site", "node": "one node", "nodes": "all nodes"}


@check(severity=Severity.MEDIUM, role="loss", false_alarm=0.001)
def updates_lost(updates: Updates) -> Verdicts:
    """Parallel requests overwrite each other's updates to one session.

    The declared increment runs in a session of its own: one request after the other, then several at once, through the
    site, to one node and to the nodes in turn. Where increments are lost even without haste, it is no race.
    """
    if not updates.bursts:
        raise Inconclusive("no increments were made at once")
    for burst in updates.bursts:
        subject = SUBJECTS[burst.way]
        if burst.lost is None:
            yield Unknown(burst.trouble or "the session itself was lost in between", subject=subject)
        elif burst.lost:
            yield Problem(_told(burst), subject=subject)
        else:
            yield Fine(f"all {burst.parallel} increments made at once count", subject=subject)


def _told(burst: Burst) -> str:
    one_by_one = f"all {burst.alone} made one after the other count"
    return f"{burst.lost} of {burst.parallel} increments made at once in one session are lost; {one_by_one}"
