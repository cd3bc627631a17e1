"""Do the sessions that move come from several addresses, and the others not?"""

from sessiondoctor.api import AccessLog, Fine, Problem, Severity, Unknown, Verdicts, check

FEWEST = 5  # sessions that moved
MOST = 0.8  # of those that moved, and at least
TIMES = 3  # as large a share as of those that kept to their node


@check(severity=Severity.MEDIUM, false_alarm=0.02)
def moved_sessions_change_address(logs: tuple[AccessLog, ...]) -> Verdicts:
    """Sessions that met several nodes came from several addresses; others seldom did.

    Read from access logs with the session, the node and the client's address of each request: affinity follows the
    address then.
    """
    for log in logs:
        moved, changed = log.sessions_on_several_nodes, log.moved_with_addresses
        kept = log.again - moved
        if moved < FEWEST or kept < FEWEST:
            yield Unknown(f"{log.file} has too few sessions that moved, or that did not", subject=log.subject)
            continue
        others = max(log.sessions_with_several_addresses - changed, 0)
        told = (
            f"{changed:,} of {moved:,} sessions that moved came from several addresses, {others:,} of {kept:,} others"
        )
        if changed >= moved * MOST and changed / moved >= TIMES * others / kept:
            seen = {"both_families": log.moved_with_families}
            yield Problem(told, subject=log.subject, seen=seen)
        else:
            yield Fine(told, subject=log.subject)
