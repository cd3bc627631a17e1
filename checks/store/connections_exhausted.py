"""Is there a connection left at the store?"""

from sessiondoctor.api import Fine, Problem, Severity, StoreReach, Unknown, Verdicts, check


@check(severity=Severity.HIGH)
def connections_exhausted(reaches: tuple[StoreReach, ...]) -> Verdicts:
    """The store has no connection left.

    It answered this scan with `ERR max number of clients reached`, and so it answers a node that has to connect.
    """
    for reach in reaches:
        if reach.trouble == "full":
            text = f"{reach.endpoint} has no connection left"
            yield Problem(text, subject=reach.store, where=(reach.store,))
        elif not reach.answers:
            yield Unknown(f"{reach.endpoint} does not answer", subject=reach.store)
        else:
            yield Fine(f"{reach.endpoint} is not out of connections now", subject=reach.store, power=0.5)
