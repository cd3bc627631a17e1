"""What became of sessions whose node was taken out?"""

from sessiondoctor.api import (
    Drill,
    DrilledSession,
    Fine,
    NodeDrill,
    Problem,
    Severity,
    Topology,
    Unknown,
    Verdicts,
    check,
)

_COPIES = {"external": "in a store outside the nodes", "replicated": "on other nodes", "client-side": "in the cookie"}


@check(severity=Severity.HIGH, role="loss", survival=True)
def session_lost_with_node(drill: Drill, topology: Topology) -> Verdicts:
    """Sessions are lost when their node is taken out.

    Sessions that one node made, and that were there at each look while all nodes were in service, are looked at through
    the balancer while that node is out. Where a store, or copies on other nodes, are declared, none may be missing.
    """
    for one in drill.nodes:
        own, stages = one.steady, one.stages
        if len(own) < 2:
            why = "its sessions are not kept even while all nodes are in service; `sessiondoctor scan` says why"
            yield Unknown(f"{one.node}: {why}", subject=one.node)
            continue
        if not stages:
            yield Unknown(f"{one.node} was not taken out: {one.trouble or 'interrupted'}", subject=one.node)
            continue
        lost = [n for n in own if any(stage.sessions[n].state == "lost" for stage in stages)]
        there = [n for n in own if any(_kept_elsewhere(one.node, stage.sessions[n]) for stage in stages)]
        if lost:
            summary = f"{len(lost)} of {len(own)} sessions of {one.node} are lost when it is taken out"
            yield Problem(f"{summary}{_although(topology)}",
                          subject=one.node, where=(one.node,), seen=_seen(one, topology))  # fmt: skip
        elif there:
            yield Fine(f"{len(there)} of {len(own)} sessions of {one.node} survive on other nodes{_after(one)}",
                       subject=one.node, seen=_seen(one, topology))  # fmt: skip
        else:
            yield Unknown(f"no client of {one.node} came to another node within {stages[-1].seconds:g} s",
                          subject=one.node, seen=_seen(one, topology))  # fmt: skip


def _although(topology: Topology) -> str:
    where = _COPIES.get(topology.mode(), "")
    return f", though they are meant to be {where}" if where else ""


def _kept_elsewhere(node: str, session: DrilledSession) -> bool:
    return session.state == "kept" and session.node not in {"", node}


def _after(one: NodeDrill) -> str:
    moved = [session.moved_s for stage in one.stages[-1:] for session in stage.sessions
             if session.home == one.node and session.moved_s is not None]  # fmt: skip
    return f"; the balancer had moved their clients after {max(moved):g} s" if moved else ""


def _seen(one: NodeDrill, topology: Topology) -> dict[str, object]:
    out = one.stages[-1]
    moved = [session.moved_s for session in out.sessions if session.home == one.node and session.moved_s is not None]
    back = one.after.sessions if one.after else ()
    return {
        "by": [stage.by for stage in one.stages],
        "declared_mode": topology.mode(),
        "moved_within_s": max(moved, default=None),
        "kept_after_return": sum(back[n].state == "kept" for n in one.steady) if back else None,
        "back": one.proof,
        "back_s": one.back_s,
    }
