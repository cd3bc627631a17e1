"""DNS: which addresses the site's name has."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Answer:
    """One resolver's answer. `resolver` is `system` or address:port; TTL in seconds, None where unknown."""

    resolver: str
    ipv4: tuple[str, ...]
    ipv6: tuple[str, ...]
    ttl_s: int | None = None
    canonical: str = ""
    trouble: str = ""


@dataclass(frozen=True, slots=True)
class Names:
    """All answers for one name."""

    name: str
    answers: tuple[Answer, ...]
