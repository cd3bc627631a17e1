"""Do nodes learn of a login late?"""

from sessiondoctor.api import Fine, Inconclusive, Logins, Problem, Recognition, Severity, Verdicts, check

SERVER_ERROR = 500


@check(severity=Severity.MEDIUM)
def login_known_late(logins: Logins) -> Verdicts:
    """A node knows a login only after a while.

    Nodes that do not know a login at once are asked again a second later, with the same cookies. A node that knows it
    then was told late; one that still does not know it was never told.
    """
    asked = [one for run in logins.runs for one in run.nodes]
    late = [one for one in asked if _did_not_know(one) and one.later == "in"]
    answered = [one for one in asked if one.at_once == "in" or (_did_not_know(one) and one.later != "unknown")]
    if late:
        names = tuple(dict.fromkeys(one.node for one in late))
        yield Problem(f"{', '.join(names)} recognised the login only after 1 s", where=names)
    elif not answered:
        raise Inconclusive("no node said whether it knows a login; declare nodes with url and site.flow.logged_in")
    elif any(_did_not_know(one) for one in answered):
        yield Fine("nodes that do not know a login at once do not know it later")
    else:
        yield Fine("every node that was asked knows a login at once")


def _did_not_know(one: Recognition) -> bool:
    return one.at_once == "out" or one.status >= SERVER_ERROR
