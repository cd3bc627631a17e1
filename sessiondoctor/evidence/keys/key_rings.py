"""The Data Protection key rings that nodes read, without any key."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class StoredKey:
    """One key of a ring; times in unix seconds.

    Attributes:
        key_id: a GUID, lower case: an identifier, not the key.
        protected_by: what it is encrypted with at rest; `dpapi` ties it to one machine or account.
    """

    key_id: str
    created_at: float
    active_from: float
    expires_at: float
    protected_by: Literal["nothing", "dpapi", "dpapi-ng", "certificate", "other"]
    revoked: bool = False

    def usable_at(self, unix: float) -> bool:
        """Whether new values may be protected with it at that time."""
        return not self.revoked and self.active_from <= unix < self.expires_at


@dataclass(frozen=True, slots=True)
class KeyRing:
    """The ring of one node, or of a store that nodes share; `unreadable` counts what is no element of a ring."""

    node: str
    keys: tuple[StoredKey, ...]
    unreadable: int = 0

    @property
    def ids(self) -> frozenset[str]:
        """The ids of all its keys: what it can tell apart, revoked and expired keys included."""
        return frozenset(key.key_id for key in self.keys)


@dataclass(frozen=True, slots=True)
class KeyRings:
    """Every declared ring, read at `read_at` (unix seconds, our clock)."""

    rings: tuple[KeyRing, ...]
    read_at: float

    @property
    def is_empty(self) -> bool:
        """Whether no ring has a key that can be read."""
        return not any(ring.keys for ring in self.rings)
