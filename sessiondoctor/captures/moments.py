"""When an exchange was recorded: a paste may be years old, and its cookies were valid then."""

from __future__ import annotations

import time
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING

from sessiondoctor.formats.set_cookie import read_set_cookie

if TYPE_CHECKING:
    from sessiondoctor.captures.recorded import Recorded

_LONGEST = 60
_DELETED_BY = 1_104_537_600.0
"""The year 2005: who deletes a cookie writes a date before it, 1970 as a rule."""


def moment_of(exchange: Recorded) -> float:
    """Its own time, else that of its Date header, else a time at which its cookies are not expired yet."""
    return exchange.at or _dated(exchange) or _before_expiry(exchange, time.time())


def _dated(exchange: Recorded) -> float:
    for value in exchange.all("date"):
        try:
            return parsedate_to_datetime(value[:_LONGEST]).timestamp()
        except (ValueError, TypeError, OverflowError):
            continue
    return 0.0


def _before_expiry(exchange: Recorded, now: float) -> float:
    """Now, or just before the first cookie with a value expires."""
    cookies = [read_set_cookie(value) for value in exchange.all("set-cookie")]
    ends = [one.expires for one in cookies if one.expires and one.value and one.max_age_s is None]
    return min([now, *(end - 1 for end in ends if end > _DELETED_BY)])
