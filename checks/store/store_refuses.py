"""Can the store be reached?"""

from sessiondoctor.api import Fine, Problem, Severity, StoreReach, Unknown, Verdicts, check

NOT_REACHED = {"refused", "timeout", "dns", "closed", "down"}


@check(severity=Severity.CRITICAL)
def store_refuses(reaches: tuple[StoreReach, ...]) -> Verdicts:
    """The store cannot be reached.

    Asked from this machine: the nodes may see another network. With wrong credentials nothing can be said.
    """
    for reach in reaches:
        if reach.trouble in NOT_REACHED:
            yield Problem(
                reach.reason or f"{reach.endpoint} does not answer", subject=reach.store, where=(reach.store,)
            )
        elif reach.answers:
            yield Fine(f"{reach.endpoint} answers", subject=reach.store)
        else:
            yield Unknown(reach.reason or f"{reach.endpoint}: {reach.trouble}", subject=reach.store)
