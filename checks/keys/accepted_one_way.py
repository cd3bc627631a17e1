"""Do nodes accept each other's sessions in both directions?"""

from sessiondoctor.api import Fine, Inconclusive, Problem, Replay, Severity, Verdicts, check


@check(severity=Severity.HIGH)
def accepted_one_way(replay: Replay) -> Verdicts:
    """Two nodes accept sessions in one direction only.

    Different secrets, stores or prefixes separate nodes in both directions. One direction alone means that one of them
    knows both keys or both forms, such as a key rotation or a deployment that has reached some nodes only. Where it
    depends on the session, directions say nothing.
    """
    if any(cell.differs for cell in replay.other):
        raise Inconclusive("results differ between sessions of the same two nodes")
    states = {(cell.created_on, cell.read_on): cell.state for cell in replay.other if len(set(cell.seen)) <= 1}
    pairs = [(i, j) for i, j in states if i < j and {states[i, j], states.get((j, i))} <= {"kept", "lost", "error"}]
    if not pairs:
        raise Inconclusive("no two nodes were asked in both directions")
    crooked = [(i, j) if states[i, j] == "kept" else (j, i) for i, j in pairs if _differ(states[i, j], states[j, i])]
    if crooked:
        known, unknown = crooked[0]
        text = f"{unknown} accepts the sessions of {known}, and {known} does not accept those of {unknown}"
        yield Problem(text, where=(replay.outlier,) if replay.outlier else ())
    else:
        yield Fine("any two nodes accept each other's sessions, or neither does")


def _differ(there: str, back: str) -> bool:
    return (there == "kept") != (back == "kept")
