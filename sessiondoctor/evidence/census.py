"""A census of the session keys of a store, of whatever kind."""

from __future__ import annotations

from dataclasses import dataclass, field


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
        ttl_s: of those with an expiry; None if none has.
        without_ttl: how many have none.
        size_bytes: MEMORY USAGE; None if it may not be asked.
        encodings: how many values start like java, json, php ... (a few values looked at).
        classes: Java class -> serialVersionUID -> in how many of those few values.
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
    classes: dict[str, dict[int, int]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Census:
    """A sample of the keys of one database; `exact` when the sample is everything."""

    store: str
    database: int
    total_keys: int
    sampled: int
    exact: bool
    groups: tuple[Group, ...]
    other_keys: int
    other_without_ttl: int
