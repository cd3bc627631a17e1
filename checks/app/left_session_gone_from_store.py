"""Has the store lost a session from before a deploy?"""

from sessiondoctor.api import Fine, Inconclusive, Problem, Resumed, Severity, Verdicts, check


@check(severity=Severity.HIGH)
def left_session_gone_from_store(resumed: Resumed) -> Verdicts:
    """The store no longer has a session from before the deploy.

    Its key was there when it was left, and should still live. Does not apply without `--resume`.
    """
    if resumed.stored == "unknown":
        raise Inconclusive("the session that was left could not be found in a declared store when it was left")
    if resumed.stored == "there":
        yield Fine("the store still has the session that was left")
    elif resumed.may_have_ended:
        raise Inconclusive("the session that was left may have ended by itself")
    else:
        yield Problem("the store no longer has the session that was left, which should still live")
