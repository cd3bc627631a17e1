"""Does state outlive the container or the instance that holds it?"""

from sessiondoctor.api import Configs, Fine, NotApplicable, Problem, SessionStore, Severity, Verdicts, Workload, check


@check(severity=Severity.HIGH)
def state_in_ephemeral_compute(configs: Configs) -> Verdicts:
    """Sessions are in the memory or files of instances that end.

    An autoscaler that can go down to none, a serverless service, or session files in a folder that goes with the
    container: each time an instance ends, its sessions end.
    """
    local = [one for one in configs.session_stores if one.place in {"memory", "files"} and one.role == "session"]
    if not local or not configs.workloads:
        raise NotApplicable("no given file keeps sessions in containers")
    fleeting = [one for one in configs.workloads if _fleeting(one, configs)]
    if not fleeting:
        yield Fine("the instances that hold sessions stay")
        return
    for store in local[:1]:
        yield _problem(store, fleeting[0])


def _fleeting(workload: Workload, configs: Configs) -> bool:
    scales = workload.autoscaled or workload.kind in {"cloud-run", "lambda", "knative"}
    gone = any(one.kind == "ephemeral" and one.workload == workload.name and "session" in one.path
               for one in configs.volumes)  # fmt: skip
    return scales or gone


def _problem(store: SessionStore, workload: Workload) -> Problem:
    where = "memory" if store.place == "memory" else "files"
    return Problem(
        f"sessions are in the {where} of {workload.name or 'instances'} that come and go",
        subject=store.owner,
        where=(store.owner,),
        at=store.at,
        detail=workload.name,
    )
