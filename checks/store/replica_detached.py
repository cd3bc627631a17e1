"""Do the declared replicas follow the declared primary?"""

from sessiondoctor.api import Fine, Problem, Replicas, Severity, Unknown, Verdicts, check


@check(severity=Severity.HIGH)
def replica_detached(stores: tuple[Replicas, ...]) -> Verdicts:
    """A declared replica does not follow its primary.

    It goes on to serve what it had (`replica-serve-stale-data yes`, the default): new sessions never reach it.
    """
    for store in stores:
        for replica in store.replicas:
            fault = _fault(replica.role, replica.follows, replica.link_up, store.primary)
            if not replica.answers:
                yield Unknown(replica.reason or f"{replica.endpoint} does not answer", subject=store.store)
            elif fault:
                yield Problem(f"{replica.endpoint} {fault}", subject=store.store, where=(store.store,))
            else:
                yield Fine(f"{replica.endpoint} follows {store.primary}", subject=store.store)


def _fault(role: str, follows: bool | None, link_up: bool | None, primary: str) -> str:  # noqa: FBT001 - facts
    if role == "master":
        return "is no replica: it follows nobody"
    if link_up is False:
        return "has lost the connection to its primary"
    return f"follows another primary than {primary}" if follows is False else ""
