"""Is a session from before a deploy known after it?"""

from sessiondoctor.api import Fine, Inconclusive, Problem, Resumed, Severity, Verdicts, check


@check(severity=Severity.HIGH, role="loss", survival=True)
def left_session_lost(resumed: Resumed) -> Verdicts:
    """A session from before the deploy is not known after it.

    `collect --leave-session` left it, this scan read it again, with the cookies it had then. Does not apply without
    `--resume`; cannot tell where the session was left for longer than it lives.
    """
    if not resumed.states:
        raise Inconclusive("no answer told whether the session is there")
    age = _span(resumed.age_s)
    if not resumed.refused:
        yield Fine(f"the session that was left {age} ago is known")
    elif resumed.may_have_ended:
        raise Inconclusive(f"the session was left {age} ago and lives {_span(resumed.life_s)} unused")
    else:
        where = resumed.refusing if "kept" in resumed.states else ()
        who = f"to {', '.join(where)}" if where else "any more"
        failed = ": the answer is an error" if set(resumed.refused) == {"error"} else ""
        yield Problem(
            f"the session that was left {age} ago is not known {who}{failed}",
            where=where,
            seen={"site": list(resumed.site), "nodes": resumed.nodes, "in_store": resumed.stored},
        )


def _span(seconds: float) -> str:
    """Such as 90 s, 12 min, 5 h."""
    if seconds < 120:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 7200 else f"{seconds / 3600:.0f} h"
