"""The time of a request, in seconds; parsed once a minute of the log."""

from __future__ import annotations

from typing import Final

from sessiondoctor.logs.dates import date_of, number_date

_MOST: Final = 20_000  # texts that are remembered
_UNKNOWN: Final = 0
# Where the seconds stand: `02/Jan/2024:03:04:05`, `2024-01-02T03:04:05`.
_CLOCKS: Final = {b"/": 18, b"-": 17}
_FRACTION: Final = b".,0123456789"


class Moments:
    """Texts as the logs of balancers have them; a text without a zone is taken as UTC, as in other logs."""

    def __init__(self) -> None:
        self._minutes: dict[bytes, int] = {}
        self._seconds: dict[bytes, int] = {}

    def seconds(self, text: bytes) -> int:
        """Whole seconds since 1970; 0 where the text is no time."""
        found = self._seconds.get(text)
        if found is None:
            if len(self._seconds) >= _MOST:
                self._seconds.clear()
            found = self._seconds[text] = self._read(text)
        return found

    def _read(self, text: bytes) -> int:
        at = _CLOCKS.get(text[2:3]) or _CLOCKS.get(text[4:5])
        if at is None:
            return _number(text)
        zone = text[at + 2 :]
        if zone[:1] in {b".", b","}:
            zone = zone.lstrip(_FRACTION)
        key = text[:at] + zone
        minute = self._minutes.get(key)
        if minute is None:
            minute = self._parsed(key, text[:at], zone)
        digits = text[at : at + 2]
        return minute + int(digits) if minute and digits.isdigit() else _UNKNOWN

    def _parsed(self, key: bytes, text: bytes, zone: bytes) -> int:
        """The minute, in seconds."""
        if len(self._minutes) >= _MOST:
            self._minutes.clear()
        whole = f"[{text.decode('ascii', 'replace')}00{zone.decode('ascii', 'replace')}"
        self._minutes[key] = found = int(date_of(whole, 0) or _UNKNOWN)
        return found


def _number(text: bytes) -> int:
    """A time that is a number: seconds, milliseconds, nanoseconds since 1970."""
    try:
        return int(number_date(float(text)) or _UNKNOWN)
    except ValueError:
        return _UNKNOWN
