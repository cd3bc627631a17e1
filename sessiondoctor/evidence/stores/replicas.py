"""The read replicas of a store: whether they follow its primary, and how closely."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Replica:
    """One declared replica. None where it does not tell.

    Attributes:
        answers: whether it lets us in; `reason` says why not.
        role: `slave` or `replica` for one that follows somebody, `master` for one that does not.
        follows: whether it copies the same data as the declared primary: their replication ids agree.
        link_up: whether it is connected to its primary and in step.
        silent_s: seconds since it last heard of its primary, which sends at least a ping every ten seconds.
        behind_bytes: of the primary's stream of writes, not yet received at the last look.
        behind_s: it has not yet what the primary had so many seconds ago; 0.0 if nothing was seen to come late.
    """

    endpoint: str
    answers: bool
    reason: str = ""
    role: str = ""
    follows: bool | None = None
    link_up: bool | None = None
    silent_s: int | None = None
    behind_bytes: int | None = None
    behind_s: float = 0.0


@dataclass(frozen=True, slots=True)
class Replicas:
    """The replicas that a store declares; `primary` is host:port of what its own URL leads to."""

    store: str
    primary: str
    replicas: tuple[Replica, ...]
