"""Does a node that finds the session in the store take it?"""

from sessiondoctor.api import Fine, Inconclusive, Located, Problem, Replay, Severity, Verdicts, check


@check(severity=Severity.HIGH)
def session_looked_up_and_refused(located: Located, replay: Replay | None) -> Verdicts:
    """A node finds another node's session in the store and rejects it.

    It cannot read what the other wrote (another serializer, another version of a class), finds it expired by its own
    clock, or rejects what is in it.
    """
    refused = located.refused("hit")
    pairs = replay.unless_kept(refused) if replay else refused
    if refused and not pairs:
        raise Inconclusive(f"{refused[0][1]} knows other sessions of {refused[0][0]} when it is asked directly")
    if not pairs and not located.settled():
        raise Inconclusive("whether nodes look up each other's sessions could not be observed")
    if not pairs:
        yield Fine("every node accepts the sessions that it finds in the store")
        return
    made, read = pairs[0]
    text = f"{read or 'a node'} found a session of {made} in the store and did not accept it"
    yield Problem(text, where=located.odd_one("hit"), seen={"pairs": [list(pair) for pair in pairs]})
