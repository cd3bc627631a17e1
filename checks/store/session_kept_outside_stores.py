"""Does a node know its sessions although they are in no declared store?"""

from sessiondoctor.api import (
    Fine,
    Inconclusive,
    Located,
    NotApplicable,
    Problem,
    Replay,
    Severity,
    Verdicts,
    Visits,
    check,
    named,
)


@check(severity=Severity.HIGH)
def session_kept_outside_stores(located: Located, visits: Visits, replay: Replay | None) -> Verdicts:
    """A node keeps its sessions outside the declared stores.

    So its writes do not fail: they go elsewhere, to its own memory or disk or to a store that nobody declared.
    """
    if not located.searchable:
        raise Inconclusive(located.why_not or "the cookie does not tell the session's key")
    outside = {session.node for session in located.sessions if not session.places} - {""}
    if not outside:
        raise NotApplicable("the sessions of all nodes are in the store")
    seen = (*_by_visits(visits), *(_by_replay(replay) if replay else ()))
    kept = tuple(sorted(outside & {node for node, state in seen if state == "kept"}))
    if kept:
        yield Problem(
            f"{named(kept, 'knows', 'know')} sessions that are not in {', '.join(located.searched)}", where=kept
        )
    elif outside & {node for node, state in seen if state == "lost"}:
        yield Fine("a session that the store lacks is unknown to its node, too")
    else:
        raise Inconclusive("no session of such a node was looked at where it was made")


def _by_visits(visits: Visits) -> tuple[tuple[str, str], ...]:
    """Nodes, and what became of a session that each made, when it saw that again before any other took it over."""
    return tuple(
        (trace.home, state) for trace in visits.returning for state in ("kept", "lost") for _ in trace.at("home", state)
    )


def _by_replay(replay: Replay) -> tuple[tuple[str, str], ...]:
    return tuple((cell.read_on, cell.state) for cell in replay.own)
