"""Whether a piece of evidence holds nothing: no session, no ring, no node, not one answer. It lets no check pass."""

from __future__ import annotations

from dataclasses import MISSING, fields, is_dataclass
from typing import Any


def is_empty(evidence: Any) -> bool:
    """What the evidence says of itself (`is_empty`), else whether all lists that it must have are empty.

    Evidence without such lists is a state, such as the counters of a store: a zero of these is something seen.
    """
    said = getattr(evidence, "is_empty", None)
    if isinstance(said, bool):
        return said
    if not is_dataclass(evidence):
        return False
    needed = (each for each in fields(evidence) if each.default is MISSING and each.default_factory is MISSING)
    lists = [value for value in (getattr(evidence, each.name) for each in needed) if isinstance(value, tuple | dict)]
    return bool(lists) and not any(lists)
