"""A census of the session keys of a store, of whatever kind."""

from __future__ import annotations

from dataclasses import dataclass, field
from math import ceil, inf, log, sqrt
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

_STEPS: Final = ((2 * 3600, 60), (86_400, 1800), (inf, 86_400))
_LONGEST_S = 400 * 86_400
_TIMES: Final = ((86_400, "d"), (3600, "h"), (60, "min"), (1, "s"))
_SIZES: Final = ((1 << 30, "GiB"), (1 << 20, "MiB"), (1 << 10, "KiB"), (1, "B"))

Histogram = tuple[tuple[float, int], ...]
"""(upper edge, count) of each bar, in order; a bar begins above the edge before it."""


@dataclass(frozen=True, slots=True)
class Quantiles:
    """Of a sample: smallest, 50 %, 95 %, largest; `count` values."""

    count: int
    low: float
    median: float
    high: float
    top: float


@dataclass(frozen=True, slots=True)
class Group:
    """Session keys of one prefix.

    Attributes:
        product: whose layout it is (`connect-redis`, `spring-session` ...), or `declared` for the topology's pattern.
        keys: how many in the sample.
        share: of all sampled keys, 0..1.
        ttl_s: of those with an expiry, seconds; None if none has. Its top is the configured timeout where sessions
            were used just now.
        without_ttl: how many have none.
        size_bytes: MEMORY USAGE; None if it may not be asked.
        types: how many keys are a string, a hash ...
        encodings: how many values start like java, json, php ... (a few values looked at).
        ttl_bars: histogram of `ttl_s`.
        size_bars: histogram of `size_bytes`.
        ttl_pile: the fullest hundredth of the times to live between 0 and the largest: upper edge in seconds, count.
        objects: how many keys are kept by the store as embstr, listpack, hashtable ...; empty if that was not asked.
        classes: Java class -> its serialVersionUID -> how many of the values looked into have it.
    """

    product: str
    prefix: str
    keys: int
    share: float
    ttl_s: Quantiles | None
    without_ttl: int
    size_bytes: Quantiles | None
    types: dict[str, int] = field(default_factory=dict)
    encodings: dict[str, int] = field(default_factory=dict)
    ttl_bars: Histogram = ()
    size_bars: Histogram = ()
    ttl_pile: tuple[float, int] | None = None
    objects: dict[str, int] = field(default_factory=dict)
    classes: dict[str, dict[int, int]] = field(default_factory=dict)

    @property
    def timeout_s(self) -> float | None:
        """The timeout that the upper edge of the times to live tells, if it is one that people configure.

        The largest lies just below a whole minute, half an hour or day where a session was used just now. Where none
        was, or each has a timeout of its own, it lies anywhere.
        """
        top = self.ttl_s.top if self.ttl_s else 0.0
        step = next(step for limit, step in _STEPS if top < limit)
        edge = ceil(top / step) * step
        return float(edge) if 0 < top <= _LONGEST_S and edge - top <= 2 + edge / 1000 else None


@dataclass(frozen=True, slots=True)
class Census:
    """The keys of one database, or a random sample of them; `exact` when it is all of them.

    A SCAN may return a key twice while the server resizes its table, and misses what is written while it runs:
    `exact` counts are of the keys that were there all the time, and some of the others.

    Attributes:
        total_keys: as the server counts them.
        sampled: how many were looked at, helper keys included.
        helper_keys: indexes, locks and expiry entries beside the sessions.
        touched: how many keys' idle time was reset, by looking at the beginning of their values.
        cut: why not everything was looked at although that was asked for; empty otherwise.
    """

    store: str
    database: int
    total_keys: int
    sampled: int
    exact: bool
    groups: tuple[Group, ...]
    helper_keys: int = 0
    touched: int = 0
    cut: str = ""

    @property
    def rank_error(self) -> float:
        """By how much of a rank, 0..1, any quantile of all sampled keys may be wrong, at 99 % confidence."""
        return 0.0 if self.exact else rank_error(self.sampled)

    def ttl_picture(self, group: Group) -> dict[str, Any]:
        """A group's times to live as a `histogram` for `seen`."""
        bars = [(_span(low, high, _TIMES), count) for low, high, count in _spans(group.ttl_bars)]
        none = [("no expiry", group.without_ttl)] if group.without_ttl else []
        return self._picture("Time to live", group, [*bars, *none])

    def size_picture(self, group: Group) -> dict[str, Any]:
        """What keys of a group take of the memory as a `histogram` for `seen`."""
        bars = [(_span(low, high, _SIZES), count) for low, high, count in _spans(group.size_bars)]
        return self._picture("Memory", group, bars)

    def _picture(self, what: str, group: Group, bars: list[tuple[str, int]]) -> dict[str, Any]:
        error = f" (a sample: ranks within {rank_error(group.keys):.1%} at 99 % confidence)"
        return {
            "title": f"{what} of {group.keys:,} keys under {group.prefix!r}{'' if self.exact else error}",
            "bars": [{"label": label, "count": count} for label, count in bars],
        }


def rank_error(count: int) -> float:
    """Of any quantile of a random sample of so many, 0..1, at 99 % confidence (Dvoretzky, Kiefer, Wolfowitz)."""
    return min(1.0, sqrt(log(2 / 0.01) / (2 * count))) if count else 1.0


def _spans(bars: Histogram) -> Iterator[tuple[float, float, int]]:
    """The lower edge, upper edge and count of each bar."""
    low = 0.0
    for high, count in bars:
        yield low, high, count
        low = high


def _span(low: float, high: float, units: tuple[tuple[int, str], ...]) -> str:
    """Such as "2-4 h", in the largest unit of which both are whole numbers."""
    size, unit = next(((size, unit) for size, unit in units if low % size == high % size == 0), units[-1])
    return f"{low / size:.0f}-{high / size:.0f} {unit}"
