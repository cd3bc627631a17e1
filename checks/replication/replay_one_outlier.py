"""Is one node unlike the others?"""

from sessiondoctor.api import Fine, Inconclusive, NotApplicable, Problem, Replay, Severity, Verdicts, check

ENOUGH = 3  # of two nodes neither is the odd one


@check(severity=Severity.HIGH, shows="sessions-shared-by-some")
def replay_one_outlier(replay: Replay) -> Verdicts:
    """One node alone does not share sessions with the others.

    Something on that node differs: a secret, an address, a prefix, a version, its clock.
    """
    if len(replay.nodes) < ENOUGH:
        raise NotApplicable("fewer than three nodes were asked")
    pairs = {frozenset((cell.created_on, cell.read_on)) for cell in replay.other if cell.state in {"lost", "error"}}
    if replay.outlier:
        yield Problem(f"all losses involve {replay.outlier}", where=(replay.outlier,))
    elif len(pairs) == 1:
        raise Inconclusive("the losses are between two nodes, of which either may be the odd one")
    else:
        yield Fine("no single node stands out")
