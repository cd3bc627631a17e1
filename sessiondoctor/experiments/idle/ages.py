"""Ages at which sessions are read, and what the readings say of the age at which they end."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Iterable

SHORTEST_S = 1.0
RATIO = 1.5
"""Between neighbouring ages of the first sessions."""
PRECISION = 1.05
"""Between the two ages that an end is found between."""

_UNLIKELY = 0.02

Kind = Literal["ends", "lasts", "unclear", "unknown"]


@dataclass(frozen=True, slots=True)
class Reading:
    """One session was read once, at this age; `kept` is None where that does not tell."""

    age_s: float
    kept: bool | None


@dataclass(frozen=True, slots=True)
class Span:
    """Between which ages sessions end.

    Attributes:
        kind: `ends` in the span; `lasts` at least `kept_s`; `unclear`: an older one was kept and a younger one lost, so
            it is not age that decides; `unknown`: nothing was told.
        kept_s: the oldest that was still there; 0 if none was.
        lost_s: the youngest that was gone.
    """

    kind: Kind
    kept_s: float = 0.0
    lost_s: float = math.inf

    @property
    def is_precise(self) -> bool:
        """Whether the two ages are as near as they should be."""
        return self.kind == "ends" and (self.lost_s <= self.kept_s * PRECISION or self.lost_s <= SHORTEST_S)


def rungs(up_to_s: float, most: int) -> tuple[float, ...]:
    """Ages of the first sessions, the oldest last; further apart where only few sessions may be made."""
    if up_to_s <= SHORTEST_S or most <= 1:
        return (up_to_s,)
    steps = math.log(up_to_s / SHORTEST_S) / math.log(RATIO)
    count = max(2, min(most, math.ceil(steps) + 1))
    return tuple(SHORTEST_S * (up_to_s / SHORTEST_S) ** (step / (count - 1)) for step in range(count))


def between(span: Span, most: int) -> tuple[float, ...]:
    """Ages inside a span that leave neighbours near enough."""
    if span.kind != "ends" or span.is_precise:
        return ()
    low = max(span.kept_s, SHORTEST_S / 2)
    # One per cent is left for what the network and the scheduler add to an age.
    count = max(1, min(most, math.ceil(math.log(span.lost_s / low) / math.log(PRECISION - 0.01)) - 1))
    return tuple(low * (span.lost_s / low) ** (step / (count + 1)) for step in range(1, count + 1))


def span_of(readings: Iterable[Reading]) -> Span:
    """What all readings say together."""
    told = sorted((one for one in readings if one.kept is not None), key=lambda one: one.age_s)
    if not told:
        return Span("unknown")
    kept = max((one.age_s for one in told if one.kept), default=0.0)
    lost = min((one.age_s for one in told if not one.kept), default=math.inf)
    if lost == math.inf:
        return Span("lasts", kept)
    return Span("ends" if kept < lost else "unclear", kept, lost)


def first_loss(readings: Iterable[Reading]) -> Span:
    """What visitors say of whom each may be kept by chance after the end, as by a balancer that forgot them.

    The end is before the youngest that was lost. How many kept ones just before it may have been so by chance, tell
    those after it.
    """
    told = sorted((one for one in readings if one.kept is not None), key=lambda one: one.age_s)
    lost = min((one.age_s for one in told if not one.kept), default=math.inf)
    if lost == math.inf:
        return span_of(told)
    after = [one.kept for one in told if one.age_s >= lost]
    before = [one.age_s for one in told if one.age_s < lost]
    by_chance = (1 + sum(map(bool, after))) / (2 + len(after))
    doubtful = math.ceil(math.log(_UNLIKELY) / math.log(by_chance))
    return Span("ends", before[-doubtful - 1] if len(before) > doubtful else 0.0, lost)


def is_settled(readings: Iterable[Reading], waiting: Iterable[float], span: Span) -> bool:
    """Whether an end was found, and all visitors of younger ages have been read."""
    known = any(True for _ in readings)
    return known and span.kind == "ends" and not any(age_s < span.lost_s for age_s in waiting)


KNOWN = {
    20.0: "HAProxy's or a proxy's short timeouts",
    300.0: "5 minutes: AWS ALB's and many proxies' slow settings",
    900.0: "15 minutes: IdentityServer, banking sites",
    1200.0: "20 minutes: ASP.NET sessionState, IIS, ASP.NET Core session",
    1440.0: "24 minutes: PHP's session.gc_maxlifetime",
    1800.0: "30 minutes: Tomcat, Jetty, Spring Session, Keycloak's SSO idle",
    3600.0: "1 hour",
    7200.0: "2 hours: Laravel's SESSION_LIFETIME",
    10800.0: "3 hours: ingress-nginx's and nginx's sticky examples",
    86400.0: "1 day: connect-redis, AWS ALB's stickiness",
    1209600.0: "2 weeks: Django's SESSION_COOKIE_AGE",
}
"""Documented defaults in seconds, and whose they are."""


def known_as(span: Span) -> str:
    """The documented default that lies in a span; empty if none or several do."""
    if not span.is_precise:
        return ""
    fitting = [name for seconds, name in KNOWN.items() if span.kept_s <= seconds <= span.lost_s * 1.02]
    return fitting[0] if len(fitting) == 1 else ""
