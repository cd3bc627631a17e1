"""Is one node unlike the others?"""

from sessiondoctor.api import Fine, NotApplicable, Problem, Replay, Severity, Verdicts, check

ENOUGH = 3  # of two nodes neither is the odd one


@check(severity=Severity.HIGH)
def replay_one_outlier(replay: Replay) -> Verdicts:
    """One node alone does not share sessions with the others.

    Something on that node differs: a secret, an address, a prefix, a version, its clock.
    """
    if len(replay.nodes) < ENOUGH:
        raise NotApplicable("fewer than three nodes were asked")
    if replay.outlier:
        yield Problem(f"all losses involve {replay.outlier}", where=(replay.outlier,))
    else:
        yield Fine("no single node stands out")
