"""DNS: which addresses the site's name has."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Answer:
    """One resolver's answer. `resolver` is `system` or address:port; TTL in seconds, None where unknown.

    Attributes:
        canonical: where CNAMEs lead to; empty without one.
        operator: whose balancer or CDN that is; empty if it is nobody's that is known.
    """

    resolver: str
    ipv4: tuple[str, ...]
    ipv6: tuple[str, ...]
    ttl_s: int | None = None
    canonical: str = ""
    operator: str = ""
    trouble: str = ""


@dataclass(frozen=True, slots=True)
class Names:
    """All answers for one name."""

    name: str
    answers: tuple[Answer, ...]
