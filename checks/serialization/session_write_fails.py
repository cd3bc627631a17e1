"""Does a node fail when something is put into a session?"""

from sessiondoctor.api import (
    Fine,
    Inconclusive,
    NotApplicable,
    Problem,
    Replay,
    Severity,
    Topology,
    Verdicts,
    check,
    named,
)

SERVER_ERROR = 500


@check(severity=Severity.CRITICAL)
def session_write_fails(replay: Replay, topology: Topology) -> Verdicts:
    """A node fails when data is written to a session.

    Servers that copy sessions to each other refuse what cannot be copied: Tomcat does at once. With a shared store it
    may as well be the store that refuses, which the checks of the store tell.
    """
    if topology.mode() != "replicated":
        raise NotApplicable("the nodes do not copy sessions to each other")
    asked = [visit for visit in replay.visits if visit.status]
    if not replay.flow or not asked:
        raise Inconclusive("nothing was put into a session; declare site.flow and the URLs of the nodes")
    failed = [visit for visit in asked if visit.status >= SERVER_ERROR]
    nodes = tuple(visit.node for visit in failed)
    if failed:
        yield Problem(
            f"{named(nodes, 'answers', 'answer')} {failed[0].status} when a session is written",
            where=nodes if len(failed) < len(asked) else (),
        )
    else:
        yield Fine("every node lets a session be written")
