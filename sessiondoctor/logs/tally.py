"""What one signature has found in one file until now."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from sessiondoctor.evidence.logs import Hit

_MOST_VALUES = 5  # of a field
_MOST_MOMENTS = 5000
_BARS = 8
_MINUTE = 60
_HOUR = 3600


@dataclass(slots=True)
class Tally:
    """Counts lines; bounded however many there are."""

    line: int
    quote: str
    before: tuple[str, ...] = ()
    after: tuple[str, ...] = ()
    count: int = 0
    first_at: float | None = None
    last_at: float | None = None
    fields: dict[str, list[str]] = field(default_factory=dict)
    moments: Counter[int] = field(default_factory=Counter)
    step_s: int = _MINUTE

    def add(self, fields: dict[str, str], at: float | None) -> None:
        """One more line."""
        self.count += 1
        for name, value in fields.items():
            values = self.fields.setdefault(name, [])
            if value not in values and len(values) < _MOST_VALUES:
                values.append(value)
        if at is not None:
            self.first_at = at if self.first_at is None else min(self.first_at, at)
            self.last_at = at if self.last_at is None else max(self.last_at, at)
            self._note(at)

    def _note(self, at: float) -> None:
        if len(self.moments) >= _MOST_MOMENTS and self.step_s == _MINUTE:
            self.moments = _coarser(self.moments)
            self.step_s = _HOUR
        if len(self.moments) < _MOST_MOMENTS:
            self.moments[int(at) // self.step_s] += 1

    def hit(self, signature: str) -> Hit:
        """The evidence."""
        return Hit(
            signature=signature,
            line=self.line,
            count=self.count,
            first_at=self.first_at,
            last_at=self.last_at,
            fields={name: tuple(values) for name, values in self.fields.items()},
            quote=self.quote,
            before=self.before,
            after=self.after,
            when=_bars(self.moments),
        )


def _coarser(moments: Counter[int]) -> Counter[int]:
    hours: Counter[int] = Counter()
    for minute, count in moments.items():
        hours[minute * _MINUTE // _HOUR] += count
    return hours


def _bars(moments: Counter[int]) -> tuple[int, ...]:
    if len(moments) < 2:  # one moment is no course of events
        return ()
    first, last = min(moments), max(moments)
    bars = [0] * min(_BARS, last - first + 1)
    for moment, count in moments.items():
        bars[(moment - first) * len(bars) // (last - first + 1)] += count
    return tuple(bars)
