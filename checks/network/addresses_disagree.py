"""Is a session known at every address of the site's name?"""

from sessiondoctor.api import (
    Crossing,
    Doors,
    Fine,
    Inconclusive,
    NotApplicable,
    Problem,
    Severity,
    Unknown,
    Verdicts,
    Walk,
    check,
)


@check(severity=Severity.HIGH, role="loss")
def addresses_disagree(doors: Doors) -> Verdicts:
    """A session that was made at one address of the site is unknown at another.

    Makes a session at the address that is reached first, looks at it at each other address of the same name with the
    same cookies, and at the first again. Browsers change between addresses without telling anybody.
    """
    crossings = doors.of("address")
    if not crossings:
        raise NotApplicable("the site was looked at by one address", hint="declare site.resolve with all addresses")
    if doors.home_lost:
        raise Inconclusive("a client that stays at one address loses its state as well")
    lost = [crossing for crossing in crossings if crossing.lost]
    kept = [crossing.door.name for crossing in crossings if crossing.kept]
    if lost:
        names = tuple(crossing.door.name for crossing in lost)
        yield Problem(
            f"a session made at {doors.home_address} is unknown at {', '.join(names)}{_of_family(doors, lost)}",
            where=names,
            seen={"strip": Walk(lost[0].hops).strip(), "kept_at": list(kept)},
        )
    elif kept:
        yield Fine(f"a session made at {doors.home_address} is known at {', '.join(kept)}")
    for crossing in crossings:
        if not crossing.lost and not crossing.kept:
            yield Unknown(_why(crossing), subject=crossing.door.name)


def _of_family(doors: Doors, lost: list[Crossing]) -> str:
    """Whether all that lose are of the other family than the first address."""
    home = "ipv6" if ":" in doors.home_address else "ipv4"
    if not doors.home_address or any(crossing.door.family == home for crossing in lost):
        return ""
    other, first = ("IPv4", "IPv6") if home == "ipv6" else ("IPv6", "IPv4")
    return f": {other} loses what {first} keeps"


def _why(crossing: Crossing) -> str:
    troubles = (crossing.trouble, *(hop.trouble for hop in crossing.there))
    return next(filter(None, troubles), "whether state survives there cannot be seen: declare site.flow")
