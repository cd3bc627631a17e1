"""Does a proxy fail where the nodes do not?"""

from sessiondoctor.api import Fine, Problem, Replay, Severity, Verdicts, Visits, check

GATEWAY = {502, 503, 504}


@check(severity=Severity.CRITICAL, role="loss")
def gateway_error(visits: Visits, replay: Replay | None) -> Verdicts:
    """A proxy answers requests of a session with its own error.

    502, 503 and 504 come from a proxy that could not use a node or its answer. Asked directly, the nodes tell whether
    they fail themselves.
    """
    exchanges = [exchange for trace in visits.returning for exchange in trace.exchanges]
    failed = [exchange for exchange in exchanges if exchange.status in GATEWAY]
    if not failed:
        yield Fine("no proxy answered with its own error")
        return
    direct = replay.visits if replay and replay.way == "direct" else ()
    well = [visit.node for visit in direct if 0 < visit.status < min(GATEWAY)]
    more = f"; asked directly, {', '.join(well)} answers" if well else ""
    yield Problem(f"a proxy answered {failed[0].status} to {len(failed)} of {len(exchanges)} requests{more}")
