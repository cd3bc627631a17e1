"""Does a new session reach the replicas before its user's next request?"""

from sessiondoctor.api import Fine, Inconclusive, Located, NotApplicable, Problem, Severity, Topology, Verdicts, check

NEXT_CLICK_S = 0.15  # a browser follows a redirect sooner than that


@check(severity=Severity.HIGH)
def replica_stale(located: Located, topology: Topology) -> Verdicts:
    """A new session reaches a replica too late for the next request.

    A node that reads sessions from this replica does not know the user yet: logged in, and asked to log in again.
    Whether nodes read from it is not seen here; where none does, declare no replicas.
    """
    if not any(store.replicas for store in topology.stores):
        raise NotApplicable("no store declares replicas", hint="declare stores[].replicas, if nodes read from any")
    if not located.copies:
        raise Inconclusive("no session could be looked up on a replica")
    for replica in sorted({copy.replica for copy in located.copies}):
        mine = [copy for copy in located.copies if copy.replica == replica]
        worst = max(mine, key=lambda copy: copy.absent_s)
        if worst.absent_s <= NEXT_CLICK_S:
            yield Fine(f"sessions were on {replica} at once", subject=worst.store, power=0.8)
            continue
        came = "had not arrived" if worst.arrived_s is None else "was still missing"
        late = sum(copy.absent_s > NEXT_CLICK_S for copy in mine)
        text = f"a session {came} on {replica} {worst.absent_s:.1f} s after its write ({late} of {len(mine)} were late)"
        yield Problem(text, subject=worst.store, where=(worst.store,))
