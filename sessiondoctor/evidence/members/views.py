"""What each member of an in-memory cluster says: who is in it, and how it keeps sessions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable


@dataclass(frozen=True, slots=True)
class SessionManager:
    """What keeps the sessions of one application in a member. Counts are since its start.

    Attributes:
        application: the context path, or the cache's name.
        kind: the manager's class without its package, or the kind of cache: DeltaManager, distributed-cache ...
        copies: whether it copies sessions to other members; None if it does not say.
        active: sessions that it holds; 0 if it does not say.
        created: sessions that were made.
        rejected: sessions that it refused to make because of `limit`; None where it does not count them.
        limit: the most sessions that it may hold; 0 is no limit.
        sent: changes of sessions that were sent to others; None if they are not counted.
        received: changes that came from others; None if they are not counted.
        backups: copies of each session beside the first; None if it does not say.
    """

    application: str
    kind: str
    copies: bool | None = None
    active: int = 0
    created: int = 0
    rejected: int | None = None
    limit: int = 0
    sent: int | None = None
    received: int | None = None
    backups: int | None = None

    @property
    def used(self) -> bool:
        """Whether it ever had a session."""
        return bool(self.active or self.created or self.received)


@dataclass(frozen=True, slots=True)
class MemberView:
    """One member's own view.

    Attributes:
        node: the node that was asked.
        product: who answered: tomcat, hazelcast, wildfly ...
        address: its own address in the cluster, or its name there; empty if it does not say.
        members: addresses, or names, of all members that it knows, itself included; None if it tells no names.
        size: how many members it counts, itself included; 0 where it has no cluster at all.
        coordinator: the member that leads its view; empty if none is told. Members of one view have the same.
        view: the number of its view, 0 at its start, which each change of members raises; None if it has none.
        left: whether it tells that it once had more members, or members that it has not now.
        asynchronous: whether it answers a request before its copies are sent; None if it does not say.
        queued: bytes of changes that wait; `queue_limit` is the most, 0 if there is no such queue.
        managers: those of its applications.
    """

    node: str
    product: str
    address: str = ""
    members: tuple[str, ...] | None = None
    size: int = 0
    coordinator: str = ""
    view: int | None = None
    left: bool = False
    asynchronous: bool | None = None
    queued: int = 0
    queue_limit: int = 0
    managers: tuple[SessionManager, ...] = ()

    def knows(self, other: MemberView) -> bool | None:
        """Whether it has another one among its members; None if that cannot be told."""
        if self.members is not None and other.address:
            return other.address in self.members
        if self.coordinator and other.coordinator:
            return self.coordinator == other.coordinator
        return None

    @property
    def sessions(self) -> tuple[SessionManager, ...]:
        """The managers that ever had a session; all of them if none had."""
        used = tuple(one for one in self.managers if one.used)
        return used or self.managers


def islands(views: Iterable[MemberView]) -> tuple[tuple[str, ...], ...]:
    """The nodes in groups that know each other, directly or by a third, largest first.

    Nodes whose views cannot be compared with any other are left out.
    """
    views = tuple(views)
    comparable = [one for one in views if any(one.knows(other) is not None for other in views if other is not one)]
    groups: list[set[str]] = []
    for one in comparable:
        met = {one.node} | {other.node for other in comparable if other is not one and _know(one, other)}
        joined = [group for group in groups if group & met]
        groups = [group for group in groups if not group & met] + [met.union(*joined)]
    return tuple(sorted((tuple(sorted(group)) for group in groups), key=lambda group: (-len(group), group)))


def _know(one: MemberView, other: MemberView) -> bool:
    return bool(one.knows(other) or other.knows(one))
