"""How many members each member of a Hazelcast cluster counts."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class HazelcastMember:
    """One member's own view: `cluster_size` counts itself. `place` is host:port."""

    place: str
    cluster_size: int


@dataclass(frozen=True, slots=True)
class HazelcastMembers:
    """The members of one declared cluster.

    Attributes:
        declared: how many the topology names.
        members: those that answered, at least one.
        silent: host:port of the others.
    """

    store: str
    declared: int
    members: tuple[HazelcastMember, ...]
    silent: tuple[str, ...] = ()
