"""Clocks of those who write the time into cookies and tokens, from responses that were asked for anyway.

A date in whole units was written between our request and its answer, so the offset lies in an interval; several
dates of one clock narrow it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sessiondoctor.evidence.network.clocks import Reading
from sessiondoctor.formats.affinity_cookie import haproxy_dates, recognise_affinity
from sessiondoctor.formats.affinity_names import affinity_by_name
from sessiondoctor.formats.session_cookie import issued_at

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from sessiondoctor.evidence.network.clocks import Source
    from sessiondoctor.probes.browser.results import Answer, FlowResult, Setting
    from sessiondoctor.probes.responses.cookie_roles import Roles
    from sessiondoctor.topology.model import Topology
    from sessiondoctor.wire.message import Response

_WHOLE_S = 1.0  # a date of whole seconds is up to this much less than the clock
_ROUNDED_UP_S = 3.0  # HAProxy, src/http_ana.c: s30tob64((date.tv_sec+3) >> 2, ...)
_STALE_S = 0.05  # HAProxy reads the clock once a round of its event loop
_ROUNDING_S = 0.0001
_HAPROXY = {"haproxy", "other"}


def balancer_clocks(answers: Iterable[Answer], roles: Roles, topology: Topology) -> tuple[Reading, ...]:
    """The clocks of HAProxy balancers by the dates in their affinity cookies (`maxidle`, `maxlife`), one a cookie.

    Nothing is taken from a cookie that only looks like one: its name has to be declared or usual for such cookies, or
    its value has to name a declared node. Dates that contradict each other are of several clocks, and tell none.
    """
    found: dict[str, list[tuple[float, float]]] = {}
    for answer, setting in _set_freshly(answers):
        cookie = setting.cookie
        declared = any(balancer.affinity_cookie == cookie.name for balancer in topology.load_balancers)
        if declared or affinity_by_name(cookie.name) or roles.node_of(cookie):
            found.setdefault(cookie.name, []).extend(_haproxy_bounds(setting, answer.response))
    readings = (_reading(_subject(name, topology), "affinity-cookie", bounds) for name, bounds in found.items())
    return tuple(reading for reading in readings if reading)


def signer_clock(node: str, made: FlowResult, setting: Setting | None) -> Reading | None:
    """The clock of a node by the time that it signed into the session cookie which it has just handed out."""
    signed = issued_at(setting.cookie.name, setting.cookie.value) if setting and not setting.deletes else None
    if signed is None or setting is None:
        return None
    return issuer_clock(node, "session-cookie", signed, made, setting.at)


def issuer_clock(node: str, source: Source, told: float, made: FlowResult, received_at: float) -> Reading | None:
    """The clock by which something was dated while `made` went on, and which was received then; whole seconds."""
    if not made.answers:
        return None
    return _reading(node, source, [(told - received_at, told + _WHOLE_S - made.answers[0].response.sent_at)])


def _set_freshly(answers: Iterable[Answer]) -> Iterator[tuple[Answer, Setting]]:
    """Cookies that came with their response, not out of a cache."""
    for answer in answers:
        if not answer.response.header("age").strip("0 "):
            yield from ((answer, setting) for setting in answer.settings if not setting.deletes)


def _haproxy_bounds(setting: Setting, response: Response) -> Iterator[tuple[float, float]]:
    """What one cookie allows: its newer date is that of the response, rounded up to a multiple of 4 s."""
    made_by = recognise_affinity(setting.cookie.name, setting.cookie.value)
    dates = haproxy_dates(setting.cookie.value) if made_by and made_by.product == "haproxy" else None
    if dates:
        yield dates[0] - _ROUNDED_UP_S - response.answered_at, dates[0] + _WHOLE_S + _STALE_S - response.sent_at


def _reading(subject: str, source: Source, bounds: list[tuple[float, float]]) -> Reading | None:
    """The middle of what all bounds allow; None if there is no such offset, or nothing bounds it."""
    if not bounds:
        return None
    low, high = max(low for low, _ in bounds), min(high for _, high in bounds)
    if low > high:
        return None
    return Reading(subject, source, round((low + high) / 2, 4), round((high - low) / 2 + _ROUNDING_S, 4))


def _subject(cookie: str, topology: Topology) -> str:
    return _issuer(cookie, topology) or f"HAProxy (cookie {cookie})"


def _issuer(cookie: str, topology: Topology) -> str:
    """The declared balancer that sets a cookie of HAProxy's form; empty if none, or more than one, may be it."""
    candidates = [balancer for balancer in topology.load_balancers if balancer.kind in _HAPROXY]
    named = [balancer for balancer in candidates if balancer.affinity_cookie == cookie]
    haproxies = named or [balancer for balancer in candidates if balancer.kind == "haproxy"]
    return haproxies[0].name if len(haproxies) == 1 else ""
