"""Check `header-session-unbound`."""

from sessiondoctor.api import Fine, Inconclusive, NotApplicable, Problem, Severity, Trace, Verdicts, Visits, check


@check(severity=Severity.HIGH, role="sign")
def header_session_unbound(visits: Visits) -> Verdicts:
    """The session travels in a header, and no affinity follows it.

    An affinity cookie holds only clients that keep cookies; those of an API often do not. So clients that send the
    header and withhold the affinity cookie are looked at, too.
    """
    if visits.carrier != "header":
        raise NotApplicable("the session travels in a cookie or a URL")
    traces = (*visits.returning, *visits.without_affinity)
    lost = [trace for trace in traces if trace.lost]
    if not any(_has_looks(trace) for trace in traces):
        raise Inconclusive("whether state survives cannot be seen; declare site.flow")
    if not lost:
        yield Fine(
            "the session is there wherever its header is sent", power=1.0 if any(t.moved for t in traces) else 0.0
        )
        return
    kept = not any(trace.lost for trace in visits.returning)
    who = "a client that sends the session's header and no affinity cookie" if kept else "a client"
    yield Problem(
        f"{who} loses its session, which travels in a header: {len(lost)} of {len(traces)} clients",
        seen={"client": visits.client(lost[0])},
    )


def _has_looks(trace: Trace) -> bool:
    return any(exchange.state != "unknown" for exchange in trace.exchanges[1:])
