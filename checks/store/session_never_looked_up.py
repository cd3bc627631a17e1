"""Does each node look for the session that it is asked for?"""

from sessiondoctor.api import Fine, Inconclusive, Located, Problem, Severity, Verdicts, check


@check(severity=Severity.HIGH)
def session_never_looked_up(located: Located) -> Verdicts:
    """A node that is shown another's session does not even look for it in the store.

    Neither the session's key nor any other is asked for: the node rejects the cookie before it looks (another secret),
    does not get it, or asks a store that was not declared.
    """
    pairs = located.refused("not-asked")
    if not pairs and not located.settled():
        raise Inconclusive("it could not be seen whether nodes look for each other's sessions")
    if not pairs:
        yield Fine("every node looks for the sessions of the others")
        return
    made, read = pairs[0]
    text = f"{read or 'a node'} does not know a session of {made} and asked no searched store for it"
    yield Problem(text, where=located.odd_one("not-asked"), seen={"pairs": [list(pair) for pair in pairs]})
