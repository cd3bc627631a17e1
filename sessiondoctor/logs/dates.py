"""Dates of log lines, as the usual programs write them; unix seconds.

A date without a zone is taken as UTC, one without a year as of the year given: within one file both keep the order.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

_WITHIN = 160  # characters from the start of a line in which its date stands
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_CLOCK = r"(?P<hour>\d\d):(?P<minute>\d\d):(?P<second>\d\d)(?:[.,](?P<fraction>\d{1,9}))?"
_TWELVE = r"(?P<hour>\d{1,2}):(?P<minute>\d\d):(?P<second>\d\d) (?P<half>[AP]M)"
_ZONE = r"(?: ?(?P<zone>Z|UTC|GMT|[+-]\d\d:?\d\d))?"
_FORMS = tuple(
    re.compile(form)
    for form in (
        # ISO 8601, log4j, nginx's error log, PostgreSQL, Go
        rf"(?<!\d)(?P<year>\d{{4}})[-/](?P<month>\d\d)[-/](?P<day>\d\d)[T ]{_CLOCK}{_ZONE}",
        # the common log format
        rf"\[(?P<day>\d\d)/(?P<name>[A-Z][a-z]{{2}})/(?P<year>\d{{4}})[: ]{_CLOCK}{_ZONE}",
        # java.util.logging of Tomcat, Redis, PHP, RFC 2822
        rf"(?<!\d)(?P<day>\d{{1,2}})[- ](?P<name>[A-Z][a-z]{{2}})[- ](?P<year>\d{{4}}) {_CLOCK}{_ZONE}",
        # Apache's error log, ctime
        rf"(?P<name>[A-Z][a-z]{{2}}) {{1,2}}(?P<day>\d{{1,2}}) {_CLOCK} (?P<year>\d{{4}})",
        # java.util.logging's own format: Jan 02, 2024 3:04:05 PM
        r"(?P<name>[A-Z][a-z]{2}) (?P<day>\d{1,2}), (?P<year>\d{4}) " + _TWELVE,
        # syslog, journald
        rf"(?P<name>[A-Z][a-z]{{2}}) {{1,2}}(?P<day>\d{{1,2}}) {_CLOCK}",
        # klog of Kubernetes
        rf"^[IWEF](?P<month>\d\d)(?P<day>\d\d) {_CLOCK}",
    )
)
_EPOCH = re.compile(r"^\[?(?P<seconds>1\d{9})(?P<more>[.,]?\d{0,9})\b")


def date_of(text: str, year: int) -> float | None:
    """The first date near the start of a line; None if there is none."""
    head = text[:_WITHIN]
    best: tuple[int, float] | None = None
    for form in _FORMS:
        found = form.search(head)
        if found and (best is None or found.start() < best[0]):
            seconds = _seconds(found.groupdict(), year)
            best = (found.start(), seconds) if seconds is not None else best
    if best:
        return best[1]
    stamp = _EPOCH.match(head)
    return number_date(float(stamp[0].strip("[").replace(",", "."))) if stamp else None


def number_date(value: float) -> float | None:
    """A number of seconds, milli-, micro- or nanoseconds since 1970, told by its size; None if it is no date."""
    for unit in (1, 1e3, 1e6, 1e9):
        if 1e9 <= value / unit < 4e9:  # the years 2001 to 2096
            return value / unit
    return None


def _seconds(part: Mapping[str, str | None], year: int) -> float | None:
    name = (part.get("name") or "").lower()
    month = _MONTHS.index(name) + 1 if name in _MONTHS else int(part.get("month") or 0)
    hour = int(part.get("hour") or 0)
    if part.get("half"):
        hour = hour % 12 + (12 if part["half"] == "PM" else 0)
    try:
        moment = datetime(
            int(part.get("year") or year), month, int(part.get("day") or 0),
            hour, int(part.get("minute") or 0), min(int(part.get("second") or 0), 59), tzinfo=_zone(part.get("zone")),
        )  # fmt: skip
    except ValueError:
        return None
    return moment.timestamp() + float(f"0.{part.get('fraction') or 0}")


def _zone(text: str | None) -> timezone:
    if not text or text[0] not in "+-":
        return UTC
    digits = text[1:].replace(":", "")
    offset = timedelta(hours=int(digits[:2]), minutes=int(digits[2:]))
    return timezone(-offset if text[0] == "-" else offset)
