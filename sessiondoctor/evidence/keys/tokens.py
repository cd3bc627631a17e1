"""JSON Web Tokens that nodes issue, and the keys by which nodes verify them."""

from __future__ import annotations

from dataclasses import dataclass, field

from sessiondoctor.evidence.network.clocks import Reading


@dataclass(frozen=True, slots=True)
class Token:
    """A token that `node` has just issued. Seconds are relative to our clock when it was received.

    Attributes:
        key_id: `kid`: which key of a set signed it; empty if it does not say.
        issued_s: `iat`: negative is before; with whole seconds up to one second less than the truth.
        not_before_s: `nbf`; expires_s: `exp`.
        clock: of the node, by `iat`.
        lifetime_s: from `iat` to `exp`, by the node's own clock.
        verified_by: nodes with whose key set the signature is right.
        unknown_to: nodes whose key set has no key of this id.
    """

    node: str
    algorithm: str
    key_id: str = ""
    issued_s: float | None = None
    not_before_s: float | None = None
    expires_s: float | None = None
    lifetime_s: float | None = None
    verified_by: tuple[str, ...] = ()
    unknown_to: tuple[str, ...] = ()
    clock: Reading | None = None


@dataclass(frozen=True, slots=True)
class Tokens:
    """`sets` maps each node whose JSON Web Key Set was read to the ids in it; `trouble` says of the others why not."""

    tokens: tuple[Token, ...]
    sets: dict[str, tuple[str, ...]] = field(default_factory=dict)
    trouble: dict[str, str] = field(default_factory=dict)
