"""Does a node that finds the session in the store take it?"""

from sessiondoctor.api import Fine, Inconclusive, Located, Problem, Severity, Verdicts, check


@check(severity=Severity.HIGH)
def session_looked_up_and_refused(located: Located) -> Verdicts:
    """A node reads another's session from the store, leaves it there, and does not know it all the same.

    It cannot read what the other wrote (another serializer, another version of a class), finds it expired by its own
    clock, or rejects what is in it.
    """
    pairs = located.refused("hit")
    if not pairs and not located.settled():
        raise Inconclusive("it could not be seen whether nodes look for each other's sessions")
    if not pairs:
        yield Fine("no node refuses a session that it found")
        return
    made, read = pairs[0]
    text = f"{read or 'a node'} finds a session of {made} in the store and does not take it"
    yield Problem(text, where=located.odd_one("hit"), seen={"pairs": [list(pair) for pair in pairs]})
