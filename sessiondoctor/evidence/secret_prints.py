"""Secrets that the user put into the environment, compared without being shown."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class SecretPrints:
    """`prints` maps a node to a salted fingerprint: equal secrets, equal fingerprints, within one run only.

    `verified` maps a node to whether its secret verifies the session cookie it issued itself; None where the
    cookie's format cannot be verified.
    """

    prints: dict[str, str]
    verified: dict[str, bool | None]
