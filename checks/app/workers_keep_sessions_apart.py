"""Do the worker processes of one node share what they keep?"""

from sessiondoctor.api import Configs, Fact, Fine, NotApplicable, Problem, Severity, Verdicts, Workload, check


@check(severity=Severity.HIGH)
def workers_keep_sessions_apart(configs: Configs) -> Verdicts:
    """Several worker processes keep sessions or sockets in their own memory.

    gunicorn, uWSGI, Puma, PM2 and Node's cluster hand each connection to any of their processes: a session in memory,
    or a Socket.IO connection that begins with polling, is known to one of them only.
    """
    several = [one for one in configs.workloads if (one.workers or 0) > 1]
    if not several:
        raise NotApplicable("no given file starts several workers")
    kept = [*_in_memory(configs)]
    if not kept:
        yield Fine("no given file keeps sessions or sockets in the memory of a worker")
        return
    for fact, what in kept:
        started = next((one for one in several if configs.concerns(one, fact)), None)
        yield _problem(started, fact, what) if started else Fine("its workers are not known", subject=fact.owner)


def _in_memory(configs: Configs) -> list[tuple[Fact, str]]:
    stores = [
        (store, "sessions are in the memory of each") for store in configs.kept_sessions() if store.place == "memory"
    ]
    sockets = [
        (one, "Socket.IO begins with polling, and each knows its own connections only")
        for one in configs.settings
        if one.name == "socket.io" and one.value != "websocket" and one.scope != "sticky"
    ]
    return [*stores, *sockets]


def _problem(workload: Workload, fact: Fact, what: str) -> Problem:
    return Problem(
        f"{workload.kind} starts {workload.workers} workers or more, and {what}",
        subject=fact.owner,
        where=(fact.owner,),
        at=fact.at,
        detail=workload.kind,
    )
