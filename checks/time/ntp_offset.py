"""Are the time servers right?"""

from sessiondoctor.api import Clocks, Fine, NotApplicable, Problem, Severity, Verdicts, check

LIMIT_S = 1.0


@check(severity=Severity.MEDIUM, role="hygiene")
def ntp_offset(clocks: Clocks) -> Verdicts:
    """A time server's clock differs from this machine's.

    Either one may be wrong; what matters to sessions is whether the nodes agree with each other.
    """
    readings = clocks.of("ntp")
    if not readings:
        raise NotApplicable("no time server answered or was declared", hint="declare time.servers or nodes[].ntp")
    for reading in readings:
        if abs(reading.offset_s) > LIMIT_S + reading.uncertainty_s:
            yield Problem(f"{reading.subject} is {reading.offset_s:+.3f} s off this machine", subject=reading.subject)
        else:
            yield Fine(f"{reading.offset_s:+.3f} s", subject=reading.subject)
