"""Is the session's id replaced at logins only?"""

from sessiondoctor.api import Configs, Fine, Inconclusive, NotApplicable, Problem, Severity, Topology, Verdicts, check

ASKED = {"state-lost", "state-flaps", "login-loop", "logged-out-at-random"}


@check(severity=Severity.MEDIUM)
def id_replaced_on_each_view(configs: Configs, topology: Topology) -> Verdicts:
    """Code replaces the id and deletes the old session outside logins.

    `session_regenerate_id(true)`: a second request that is already under way still carries the id that was just
    deleted, and is given an empty session. At a login that is rare; on a page that users reload it is not.
    """
    found = [one for one in configs.settings if one.name == "session_regenerate_id(true)"]
    if not found:
        raise NotApplicable("no given file replaces the session's id")
    elsewhere = [one for one in found if not one.value]
    if not elsewhere:
        yield Fine("the id is replaced where users log in")
        return
    if not ASKED & set(topology.symptoms):
        raise Inconclusive("whether this code runs at logins only is not known")
    for one in elsewhere:
        yield Problem("the id is replaced and the old session deleted outside a login", subject=one.owner,
                      where=(one.owner,), at=one.at)  # fmt: skip
