"""Does each node look for the session that it is asked for?"""

from sessiondoctor.api import Fine, Inconclusive, Located, Problem, Severity, Verdicts, check


@check(severity=Severity.HIGH)
def session_never_looked_up(located: Located) -> Verdicts:
    """A node never looks up another node's session in the store.

    Neither the session's key nor any other is asked for: the node rejects the cookie before it looks (another secret),
    does not get it, or asks a store that was not declared.
    """
    pairs = located.refused("not-asked")
    if not pairs and not located.settled():
        raise Inconclusive("whether nodes look up each other's sessions could not be observed")
    if not pairs:
        yield Fine("every node looks up the sessions of the others")
        return
    made, read = pairs[0]
    text = f"{read or 'a node'} did not recognise a session created on {made} and never looked it up in the store"
    yield Problem(text, where=located.odd_one("not-asked"), seen={"pairs": [list(pair) for pair in pairs]})
