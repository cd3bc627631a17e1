"""What the sentinels of a store say, each for itself."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class SentinelView:
    """One sentinel: host:port of the primary that it names, or why it names none."""

    endpoint: str
    primary: str
    trouble: str = ""


@dataclass(frozen=True, slots=True)
class Sentinels:
    """All sentinels that a store's URL names; `service` is the name that they are asked for."""

    store: str
    service: str
    views: tuple[SentinelView, ...]
