"""Do the replicas keep up with their primary?"""

from sessiondoctor.api import Fine, Problem, Replicas, Severity, Unknown, Verdicts, check

LATE_S = 1.0
PING_S = 10  # a primary sends at least so often something to its replicas (repl-ping-replica-period)


@check(severity=Severity.MEDIUM)
def replica_lags(stores: tuple[Replicas, ...]) -> Verdicts:
    """A replica receives writes seconds after its primary.

    Compared are the places of both in the stream of writes, several times. A store that nobody writes to meanwhile
    shows no lag.
    """
    for store in stores:
        for replica in store.replicas:
            silent = replica.silent_s if replica.silent_s is not None else 0
            if not replica.answers or replica.role == "master":
                yield Unknown(replica.reason or f"{replica.endpoint} follows nobody", subject=store.store)
            elif replica.behind_s >= LATE_S:
                text = f"{replica.endpoint} lacks what was written {replica.behind_s:.1f} s ago"
                yield Problem(f"{text} ({replica.behind_bytes} bytes)", subject=store.store, where=(store.store,))
            elif silent > 2 * PING_S:
                text = f"{replica.endpoint} has not heard from its primary for {silent} s"
                yield Problem(text, subject=store.store, where=(store.store,))
            else:
                yield Fine(f"{replica.endpoint} keeps up", subject=store.store, power=0.5)
