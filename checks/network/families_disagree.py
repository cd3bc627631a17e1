"""Do IPv4 and IPv6 lead to the same sessions?"""

from sessiondoctor.api import (
    Crossing,
    Doors,
    Fine,
    Inconclusive,
    NotApplicable,
    Problem,
    Severity,
    Verdicts,
    Walk,
    check,
)

WORDS = {"ipv4": "IPv4", "ipv6": "IPv6"}


@check(severity=Severity.HIGH)
def families_disagree(doors: Doors) -> Verdicts:
    """Sessions made by one IP family are unknown by the other, and by no other address of their own.

    Browsers try both families for each new connection and take the faster one. If addresses of one family disagree
    among themselves, the family is not what matters.
    """
    home = "ipv6" if ":" in doors.home_address else "ipv4"
    other = [crossing for crossing in doors.of("address") if crossing.door.family != home]
    if not other:
        raise NotApplicable("the site was looked at by one IP family", hint="declare site.resolve with all addresses")
    if doors.home_lost:
        raise Inconclusive("a client that stays at one address loses its state as well")
    lost = [crossing for crossing in other if crossing.lost]
    if lost and not _lost_within(doors, home):
        there, here = WORDS[lost[0].door.family], WORDS[home]
        names = tuple(crossing.door.name for crossing in lost)
        yield Problem(
            f"sessions made by {here} are unknown by {there} ({', '.join(names)})",
            where=names,
            seen={"strip": Walk(lost[0].hops).strip()},
        )
    elif lost:
        yield Fine("addresses of one family disagree as well")
    elif any(crossing.kept for crossing in other):
        yield Fine("sessions made by one family are known by the other")
    else:
        raise Inconclusive(_why(other))


def _lost_within(doors: Doors, family: str) -> bool:
    return any(crossing.lost for crossing in doors.of("address") if crossing.door.family == family)


def _why(crossings: list[Crossing]) -> str:
    troubles = (crossing.trouble for crossing in crossings)
    return next(filter(None, troubles), "whether state survives there cannot be seen: declare site.flow")
