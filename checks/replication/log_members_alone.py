"""Do the logs of several nodes say that each is the only member of its cluster?"""

from sessiondoctor.api import Fine, Inconclusive, Log, NotApplicable, Problem, Severity, Verdicts, check

ALONE = {"jgroups-alone", "jgroups-coordinator-alone"}
MET = {"infinispan-merged"}
SEVERAL = 2


@check(severity=Severity.HIGH, role="loss", false_alarm=0.01, shows="members-not-met")
def log_members_alone(logs: tuple[Log, ...]) -> Verdicts:
    """By their logs several nodes are each alone in their cluster.

    Read from the views that JGroups, Infinispan, WildFly and Keycloak write. One node alone may just be the first;
    two that end alone never met.
    """
    if not logs:
        raise NotApplicable("no log was given", hint="give the logs of all nodes to `judge`")
    alone = [log for log in logs if any(hit.signature in ALONE for hit in log.hits)]
    if any(hit.signature in MET for log in logs for hit in log.hits):
        yield Fine("the halves of the cluster came together")
        return
    if not alone:
        raise NotApplicable("no log says who is in its cluster")
    if len(alone) < SEVERAL:
        raise Inconclusive("one node began its cluster; the logs of the others would show whether they joined it")
    names = tuple(log.subject for log in alone)
    yield Problem(f"{', '.join(names)}: each of them is the only member of its cluster", where=names)
