"""Are the time servers right?"""

from sessiondoctor.api import Clocks, Fine, NotApplicable, Problem, Severity, Topology, Unknown, Verdicts, check

LIMIT_S = 1.0


@check(severity=Severity.MEDIUM, role="hygiene")
def ntp_offset(clocks: Clocks, topology: Topology) -> Verdicts:
    """A time server's clock differs from this machine's.

    Either one may be wrong; what matters to sessions is whether the nodes agree with each other.
    """
    declared = [*(node.name for node in topology.nodes if node.ntp), *topology.time.servers]
    readings = {reading.subject: reading for reading in clocks.of("ntp")}
    if not readings and not declared:
        raise NotApplicable("no time server is declared", hint="declare time.servers or nodes[].ntp")
    for subject in declared:
        if subject not in readings:
            yield Unknown(clocks.trouble.get(subject, "its time server did not answer"), subject)
    for reading in readings.values():
        if abs(reading.offset_s) > LIMIT_S + reading.uncertainty_s:
            yield Problem(f"{reading.subject} is {reading.offset_s:+.3f} s off this machine", subject=reading.subject)
        else:
            yield Fine(f"the time server is {reading.offset_s:+.3f} s off this machine", subject=reading.subject)
