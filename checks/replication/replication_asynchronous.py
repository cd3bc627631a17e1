"""Does a node answer before its session is on another node?"""

from sessiondoctor.api import Configs, Fine, NotApplicable, Problem, Severity, Verdicts, check


@check(severity=Severity.LOW, role="hygiene", false_alarm=0.2, shows="copied-after-response")
def replication_asynchronous(configs: Configs) -> Verdicts:
    """Sessions are copied to other nodes after the response.

    Tomcat's `channelSendOptions` 8 (its default), Infinispan's `mode="ASYNC"`, copies of Hazelcast that are only
    asynchronous, WebLogic's `async-replicated`. The next request may come to a node before the copy does, and what was
    not yet copied is gone when the node ends.
    """
    told = [one for one in configs.managers if one.asynchronous is not None]
    if not told:
        raise NotApplicable("no given file says when sessions are copied")
    for one in told:
        if one.asynchronous:
            text = f"{one.product} copies sessions after the response"
            yield Problem(text, subject=one.owner, where=(one.owner,), at=one.at, detail=one.product)
        else:
            yield Fine(f"{one.product} waits for its copies", subject=one.owner)
