"""Secrets that the user put into the environment, compared without being shown."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class SecretPrints:
    """`prints` maps a node to a salted fingerprint: equal secrets, equal fingerprints, within one run only.

    Whether a node really signs with its secret is in `Replay`: `NodeVisit.signed_by`.
    """

    prints: dict[str, str]
