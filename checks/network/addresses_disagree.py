"""Is a session known at every address of the site's name?"""

from sessiondoctor.api import (
    EntryPoints,
    EntryPointTest,
    Fine,
    Inconclusive,
    NotApplicable,
    Problem,
    Severity,
    Unknown,
    Verdicts,
    check,
)


@check(severity=Severity.HIGH, role="loss")
def addresses_disagree(entry_points: EntryPoints) -> Verdicts:
    """A session of one address of the site is unknown at another.

    Makes a session at the address that is reached first, looks at it at each other address of the same name with the
    same cookies, and at the first again. Browsers change between addresses without telling anybody.
    """
    entry_tests = entry_points.of("address")
    if not entry_tests:
        raise NotApplicable("the site was looked at by one address", hint="declare site.resolve with all addresses")
    if entry_points.home_lost:
        raise Inconclusive("a client that stays at one address loses its state as well")
    lost = [entry_test for entry_test in entry_tests if entry_test.lost]
    kept = [entry_test.entry_point.name for entry_test in entry_tests if entry_test.kept]
    if lost:
        names = tuple(entry_test.entry_point.name for entry_test in lost)
        yield Problem(
            f"a session made at {entry_points.home_address} is unknown at {', '.join(names)}"
            f"{_of_family(entry_points, lost)}",
            where=names,
            seen={"client": lost[0].client, "kept_at": list(kept)},
        )
    elif kept:
        yield Fine(f"a session made at {entry_points.home_address} is known at {', '.join(kept)}")
    for entry_test in entry_tests:
        if not entry_test.lost and not entry_test.kept:
            yield Unknown(_why(entry_test), subject=entry_test.entry_point.name)


def _of_family(entry_points: EntryPoints, lost: list[EntryPointTest]) -> str:
    """Whether all that lose are of the other family than the first address."""
    home = "ipv6" if ":" in entry_points.home_address else "ipv4"
    if not entry_points.home_address or any(entry_test.entry_point.family == home for entry_test in lost):
        return ""
    other, first = ("IPv4", "IPv6") if home == "ipv6" else ("IPv6", "IPv4")
    return f": {other} loses what {first} keeps"


def _why(entry_test: EntryPointTest) -> str:
    troubles = (entry_test.trouble, *(exchange.trouble for exchange in entry_test.there))
    return next(filter(None, troubles), "whether state survives there cannot be seen: declare site.flow")
