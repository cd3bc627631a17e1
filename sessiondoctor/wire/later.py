"""Responses that ask to come back later: 429, 503 and Retry-After (RFC 9110 section 10.2.3, RFC 6585 section 4)."""

from __future__ import annotations

import re
from http import HTTPStatus
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from sessiondoctor.wire.message import Response

LATER: Final = frozenset({HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE})
_UNSAID_S: Final = 1.0


def wait_of(response: Response) -> float:
    """The seconds to wait: as Retry-After says, else one after a 429, and none after a 503: nobody is there."""
    said = response.header("retry-after").strip()
    if re.fullmatch("[0-9]{1,9}", said):
        return float(said)
    until = _date(said)
    if until is not None:
        return max(0.0, until - response.answered_at)
    return _UNSAID_S if response.status == HTTPStatus.TOO_MANY_REQUESTS else 0.0


def _date(text: str) -> float | None:
    from email.utils import parsedate_to_datetime

    try:
        return parsedate_to_datetime(text[:60]).timestamp() if text else None
    except (ValueError, TypeError, OverflowError):
        return None
