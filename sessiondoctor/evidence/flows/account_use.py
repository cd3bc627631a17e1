"""What the logins of the scan did to each other."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class AccountUse:
    """All logins of the scan, after its last probe.

    Attributes:
        logins: how many were tried.
        accounts: how many accounts took turns.
        ended: sessions that were known up to a later login of the same account, and to nobody right after it.
    """

    logins: int = 0
    accounts: int = 1
    ended: int = 0
