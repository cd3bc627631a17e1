"""Does each member of the in-memory cluster know all others?"""

from sessiondoctor.api import (
    Fine,
    MemberView,
    NotApplicable,
    Problem,
    Severity,
    Topology,
    Unknown,
    Verdicts,
    check,
    islands,
    named,
)


@check(severity=Severity.CRITICAL, shows="members-not-met")
def members_apart(views: tuple[MemberView, ...], topology: Topology) -> Verdicts:
    """Nodes that run do not know each other as members.

    As each node tells it itself: a list of members, the coordinator of its view, or their number. A cluster of one is
    content and logs no error. Nodes that did not answer are not counted: they may be down.
    """
    if not any(view.size for view in views):
        raise NotApplicable("no node has an in-memory cluster")
    for service in dict.fromkeys(node.service for node in topology.nodes):
        names = [node.name for node in topology.nodes if node.service == service]
        told = tuple(view for view in views if view.node in names)
        if told:
            yield _verdict(told, len(names), service or "site")


def _verdict(views: tuple[MemberView, ...], nodes: int, subject: str) -> Problem | Fine | Unknown:
    """Of the nodes of one service."""
    seen = {view.node: view.members if view.members is not None else view.size for view in views}
    if text := _apart(views):
        return Problem(text, subject=subject, where=_odd(views), seen=seen)
    if len(views) < nodes or nodes == 1:
        return Unknown(f"{len(views)} of {nodes} nodes tell their members", subject=subject, seen=seen)
    return Fine(f"all {len(views)} members know each other", subject=subject, seen=seen)


def _apart(views: tuple[MemberView, ...]) -> str:
    """What their views say against each other; empty if nothing."""
    groups, running = islands(view for view in views if view.size), [view for view in views if view.size]
    if len(groups) > 1:
        return f"the cluster is in {len(groups)} parts: " + " | ".join(", ".join(group) for group in groups)
    if few := _short(views):
        least = min(few, key=lambda view: view.size)
        return f"{least.node} sees {least.size} of {len(running)} running members"
    alone = sorted(view.node for view in views if not view.size)
    return f"{named(alone, 'has', 'have')} no cluster, and other nodes do" if alone and running else ""


def _short(views: tuple[MemberView, ...]) -> list[MemberView]:
    """Those that count fewer members than answered; who tells a coordinator alone counts none."""
    running = sum(1 for view in views if view.size)
    return [view for view in views if view.size and not view.coordinator and view.size < running]


def _odd(views: tuple[MemberView, ...]) -> tuple[str, ...]:
    """The nodes outside the largest part; nobody if there is no largest."""
    groups = islands(view for view in views if view.size)
    if len(groups) > 1:
        return () if len(groups[0]) == len(groups[1]) else tuple(node for group in groups[1:] for node in group)
    short = [view.node for view in _short(views)] or [view.node for view in views if not view.size]
    return tuple(sorted(short)) if len(short) < len(views) else ()
