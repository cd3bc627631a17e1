"""Do some paths go to other nodes, by the access log?"""

from sessiondoctor.api import AccessLog, Fine, Problem, Severity, Unknown, Verdicts, check

SEVERAL = 2


@check(severity=Severity.MEDIUM, false_alarm=0.05)
def paths_go_to_other_nodes(logs: tuple[AccessLog, ...]) -> Verdicts:
    """Some paths are answered by nodes that answer nothing else.

    Pools of several applications are ordinary; it matters where the same sessions go to both.
    """
    for log in logs:
        if len(log.nodes) < SEVERAL:
            yield Unknown(f"{log.file} names fewer than two nodes", subject=log.subject)
        elif len(log.pools) > 1 and log.sessions_on_several_nodes:
            least = log.pools[-1]
            text = f"{', '.join(least.paths)} go to {', '.join(least.nodes)}, which answer nothing else"
            seen = {"pools": [{"nodes": pool.nodes, "paths": pool.paths} for pool in log.pools]}
            yield Problem(text, subject=log.subject, seen=seen)
        elif not (log.paths or log.pools):
            yield Unknown(f"{log.file} has no paths, or too many to be parts of a site", subject=log.subject)
        else:
            yield Fine("all paths that sessions ask for go to the same nodes", subject=log.subject)
