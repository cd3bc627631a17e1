"""Do IPv4 and IPv6 lead to the same sessions?"""

from sessiondoctor.api import (
    EntryPoints,
    EntryPointTest,
    Fine,
    Inconclusive,
    NotApplicable,
    Problem,
    Severity,
    Verdicts,
    check,
)

WORDS = {"ipv4": "IPv4", "ipv6": "IPv6"}


@check(severity=Severity.HIGH)
def families_disagree(entry_points: EntryPoints) -> Verdicts:
    """Sessions made over IPv4 are unknown over IPv6, or the reverse.

    Browsers try both families for each new connection and take the faster one. If addresses of one family disagree
    among themselves, the family is not what matters.
    """
    home = "ipv6" if ":" in entry_points.home_address else "ipv4"
    other = [entry_test for entry_test in entry_points.of("address") if entry_test.entry_point.family != home]
    if not other:
        raise NotApplicable("the site was looked at by one IP family", hint="declare site.resolve with all addresses")
    if entry_points.home_lost:
        raise Inconclusive("a client that stays at one address loses its state as well")
    lost = [entry_test for entry_test in other if entry_test.lost]
    if lost and not _lost_within(entry_points, home):
        there, here = WORDS[lost[0].entry_point.family], WORDS[home]
        names = tuple(entry_test.entry_point.name for entry_test in lost)
        yield Problem(
            f"sessions made by {here} are unknown by {there} ({', '.join(names)})",
            where=names,
            seen={"client": lost[0].client},
        )
    elif lost:
        yield Fine("addresses of one family disagree as well")
    elif any(entry_test.kept for entry_test in other):
        yield Fine("sessions made by one family are known by the other")
    else:
        raise Inconclusive(_why(other))


def _lost_within(entry_points: EntryPoints, family: str) -> bool:
    return any(entry_test.lost for entry_test in entry_points.of("address") if entry_test.entry_point.family == family)


def _why(entry_tests: list[EntryPointTest]) -> str:
    troubles = (entry_test.trouble for entry_test in entry_tests)
    return next(filter(None, troubles), "whether state survives there cannot be seen: declare site.flow")
