"""Do nodes look for each other's sessions under the key that they have?"""

from sessiondoctor.api import Fine, Inconclusive, Located, Problem, Replay, Severity, Verdicts, check


@check(severity=Severity.HIGH)
def lookup_misses(located: Located, replay: Replay | None) -> Verdicts:
    """A node looks up another node's session under a wrong key.

    It asks with another prefix, another id, or in another database. What other clients miss meanwhile is told apart by
    control windows without a request, and what doubt remains is the finding's `chance`.
    """
    refused = located.refused("miss")
    pairs = replay.unless_kept(refused) if replay else refused
    if refused and not pairs:
        raise Inconclusive(f"{refused[0][1]} knows other sessions of {refused[0][0]} when it is asked directly")
    if not pairs and not located.settled():
        raise Inconclusive("whether nodes look up each other's sessions could not be observed")
    if not pairs:
        yield Fine("no node looked up a session under a wrong key")
        return
    made, read = pairs[0]
    text = f"{read or 'a node'} looked up a session of {made} under a key that does not exist"
    doubt = min(look.doubt for one in located.sessions for look in one.elsewhere if look.outcome == "miss")
    where = located.odd_one("miss")
    yield Problem(text, where=where, seen={"pairs": [list(pair) for pair in pairs]}, chance=doubt)
