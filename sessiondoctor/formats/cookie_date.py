"""The cookie-date algorithm of RFC 6265bis, section 5.1.1, by which browsers read `Expires`."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Final

_DELIMITERS = r"[\x09\x20-\x2f\x3b-\x40\x5b-\x60\x7b-\x7e]+"
_MONTHS: Final = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
# In this order a token is tried; the first production that is still free takes it.
_PRODUCTIONS: Final = {
    "time": r"([0-9]{1,2}):([0-9]{1,2}):([0-9]{1,2})(?![0-9])",
    "day": r"([0-9]{1,2})(?![0-9])",
    "month": f"(?i:({'|'.join(_MONTHS)}))",
    "year": r"([0-9]{2,4})(?![0-9])",
}
_LAST_OF_CENTURY = range(70, 100)
_FIRST_OF_CENTURY = range(70)
_EARLIEST_YEAR = 1601


def cookie_date(text: str) -> float | None:
    """The date in unix seconds; None if browsers cannot read it."""
    found = _found(text)
    if len(found) < len(_PRODUCTIONS):
        return None
    year = _full_year(int(found["year"][0]))
    month = 1 + _MONTHS.index(found["month"][0].lower())
    hour, minute, second = map(int, found["time"])
    if year < _EARLIEST_YEAR:
        return None
    try:
        return datetime(year, month, int(found["day"][0]), hour, minute, second, tzinfo=UTC).timestamp()
    except ValueError:
        return None


def _found(text: str) -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for token in re.split(_DELIMITERS, text):
        for name, production in _PRODUCTIONS.items():
            match = None if name in found else re.match(production, token)
            if match:
                found[name] = match.groups()
                break
    return found


def _full_year(year: int) -> int:
    if year in _LAST_OF_CENTURY:
        return year + 1900
    return year + 2000 if year in _FIRST_OF_CENTURY else year
