"""What a site looks like at first sight, before anything is measured."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Acquaintance:
    """Which product answers, and by what its sessions can be followed where no flow is declared.

    Attributes:
        product: the name of the product's page; empty if none was recognised.
        title: what people call it.
        version: as it tells itself; empty if it does not.
        certainty: 0..1.
        because: the marks that were seen, in words.
        followed_by: what shows whether a session is kept, in words; empty if the flow is declared or nothing does.
        why_not: why nothing does; empty if something does.
    """

    product: str = ""
    title: str = ""
    version: str = ""
    certainty: float = 0.0
    because: tuple[str, ...] = ()
    followed_by: str = ""
    why_not: str = ""
