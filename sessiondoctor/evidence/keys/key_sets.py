"""JSON Web Key Sets that a site publishes, found by OpenID Connect Discovery."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class PublishedKeys:
    """One answer with the keys by which tokens are verified.

    Attributes:
        node: who was asked; empty for the public entry.
        ids: `kid` of each key, sorted; a key without one by a hash of its public members.
    """

    node: str
    ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class KeySets:
    """What each node answered; where none can be asked, what the public entry answered to several requests."""

    answers: tuple[PublishedKeys, ...]
