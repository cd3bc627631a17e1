"""Is a session from before a deploy refused although the store has it?"""

from sessiondoctor.api import Fine, Inconclusive, Problem, Resumed, Severity, Verdicts, check


@check(severity=Severity.HIGH)
def left_session_refused_though_stored(resumed: Resumed) -> Verdicts:
    """Nodes refuse a session from before the deploy that the store has.

    The store was asked before any node was. What has changed is then how nodes read sessions: the secret, the key's
    prefix, the format, a class. Does not apply without `--resume`.
    """
    if not resumed.states:
        raise Inconclusive("no answer told whether the session is there")
    if not resumed.refused:
        yield Fine("the session that was left is known")
    elif resumed.stored == "unknown":
        raise Inconclusive("the session that was left could not be found in a declared store when it was left")
    elif resumed.stored == "there":
        yield Problem("nodes refuse the session that was left, and its key is in the store", where=resumed.refusing)
    else:
        yield Fine("the key of the session that was left is no longer in the store")
