"""A census of the session keys of a store, of whatever kind."""

from __future__ import annotations

from dataclasses import dataclass, field
from math import log, sqrt

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
    other_keys: int
    other_without_ttl: int
    helper_keys: int = 0
    touched: int = 0
    cut: str = ""

    @property
    def rank_error(self) -> float:
        """By how much of a rank, 0..1, any quantile of all sampled keys may be wrong, at 99 % confidence."""
        return 0.0 if self.exact else rank_error(self.sampled)


def rank_error(count: int) -> float:
    """Of any quantile of a random sample of so many, 0..1, at 99 % confidence (Dvoretzky, Kiefer, Wolfowitz)."""
    return min(1.0, sqrt(log(2 / 0.01) / (2 * count))) if count else 1.0
