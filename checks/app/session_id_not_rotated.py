"""Does logging in replace the session id?"""

from sessiondoctor.api import Fine, Inconclusive, Login, Logins, NotApplicable, Problem, Severity, Verdicts, check


@check(severity=Severity.LOW, role="hygiene")
def session_id_not_rotated(logins: Logins) -> Verdicts:
    """Logging in keeps the session id.

    Compares the id that was sent with the credentials and the one that is held afterwards. Whoever knew or planted the
    first is logged in with the second (session fixation). No session is lost by that. It does not apply where the
    session travels in the cookie itself.
    """
    if not logins.comparable:
        raise NotApplicable("the session cookie has another value each time, so that ids cannot be compared")
    rotated = [run.rotated for run in logins.runs if _worked(run) and run.rotated is not None]
    if not rotated:
        raise Inconclusive("no login worked with a session id before and after it; declare site.flow.write")
    if all(rotated):
        yield Fine("logging in gives the session a new id")
    else:
        yield Problem(f"the session id is the same before and after {rotated.count(False)} of {len(rotated)} logins")


def _worked(run: Login) -> bool:
    """Whether the login came to its end and nothing contradicts that it worked."""
    asked = [exchange.state for exchange in run.looks.exchanges] + ["kept" for one in run.nodes if one.at_once == "in"]
    return not run.trouble and (not asked or "kept" in asked)
