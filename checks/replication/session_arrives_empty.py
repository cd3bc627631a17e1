"""Do other nodes know a session and not what is in it?"""

from sessiondoctor.api import (
    Changed,
    Changes,
    Fine,
    Inconclusive,
    NotApplicable,
    Problem,
    Replay,
    Severity,
    Topology,
    Verdicts,
    check,
)


@check(severity=Severity.HIGH)
def session_arrives_empty(replay: Replay, changes: Changes | None, topology: Topology) -> Verdicts:
    """Another node knows the session and has none of its data.

    A node that takes over a copy of a session puts its own route behind the id; a new client's id it would replace or
    leave alone. So does one that goes on with the id when it writes, and hands out another one for an id that nobody
    made. So the copy came, and the change did not: it could not be written or read, or was never sent.
    """
    if topology.mode() != "replicated":
        raise NotApplicable("the nodes do not copy sessions to each other")
    lost = [cell for cell in replay.other if cell.state == "lost"]
    empty = [cell for cell in lost if cell.id_fate == "rewritten"]
    if empty:
        text = f"{empty[0].read_on} takes over a session of {empty[0].created_on} without its state"
        where = (replay.outlier,) if replay.outlier else ()
        yield Problem(
            f"{text}; {len(empty)} of {len(replay.other)} pairs", where=where, seen={"matrix": replay.matrix()}
        )
    elif known := [pair for pair in _empty(changes) if changes and changes.knows(pair)]:
        text = f"{known[0].read_on} goes on with a session of {known[0].made_on} and has nothing of what was in it"
        yield Problem(f"{text}; {len(known)} of {len(changes.pairs) if changes else 0} pairs")
    elif lost and changes and any(changes.knows(pair) is False for pair in _empty(changes)):
        yield Fine("the nodes that lack the state do not know the session either")
    elif lost and any(cell.id_fate != "renewed" for cell in lost):
        raise Inconclusive("whether other nodes know the session cannot be told from what they do to its id")
    elif not replay.flow or not replay.other:
        raise Inconclusive("nothing was put into a session; declare site.flow and two node URLs")
    else:
        yield Fine("no node takes over a session without its state")


def _empty(changes: Changes | None) -> list[Changed]:
    """The sessions of which the other node has nothing."""
    return [pair for pair in changes.pairs if pair.never and pair.first == "lost"] if changes else []
