"""Do nodes get each other's sessions from the store that was searched?"""

from sessiondoctor.api import Fine, Inconclusive, Located, Problem, Severity, Verdicts, check

AT_ONCE_S = 0.15  # as replica-stale says


@check(severity=Severity.MEDIUM)
def session_known_without_lookup(located: Located) -> Verdicts:
    """A node knows another node's session without asking its store.

    The node reads a replica, or keeps copies of sessions in its own memory: what it knows may be old. Declared replicas
    that have new sessions at once are no reason to worry.
    """
    if not located.told():
        raise Inconclusive("whether nodes look up each other's sessions could not be observed")
    pairs = located.without_asking()
    if not pairs:
        yield Fine("no node knows sessions from elsewhere")
        return
    if located.copies and all(copy.absent_s < AT_ONCE_S for copy in located.copies):
        yield Fine("nodes may read declared replicas, which have new sessions at once")
        return
    made, read = pairs[0]
    readers = tuple(sorted({reader for _, reader in pairs if reader}))
    text = f"{read or 'a node'} knows a session of {made} without asking the store that holds it"
    yield Problem(text, where=readers if len(readers) == 1 else (), seen={"pairs": [list(pair) for pair in pairs]})
