"""Whether a store answers."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class StoreReach:
    """Whether a declared store answers its protocol from here. A refused connection is an observation.

    Attributes:
        trouble: refused, timeout, dns, tls, closed, auth, full (no connection is left), not-redis,
            down (a cluster of which a part is missing); empty if it answers, or if only we cannot reach all of it.
        reason: one line for the user.
    """

    store: str
    endpoint: str
    answers: bool
    trouble: str = ""
    reason: str = ""
