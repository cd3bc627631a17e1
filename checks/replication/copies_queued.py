"""Do copies of sessions wait in a queue that is nearly full?"""

from sessiondoctor.api import Fine, MemberView, NotApplicable, Problem, Severity, Verdicts, check

NEARLY = 0.5  # of the limit: what is beyond it is thrown away


@check(severity=Severity.HIGH, false_alarm=0.002)
def copies_queued(views: tuple[MemberView, ...]) -> Verdicts:
    """The queue of copies for other members is half full, or fuller.

    Bytes in the queue of Tomcat's `MessageDispatchInterceptor` beside its `maxQueueSize`: what does not fit in is lost.
    """
    told = [view for view in views if view.queue_limit]
    if not told:
        raise NotApplicable("no node has a queue of copies")
    for view in told:
        full = view.queued / view.queue_limit
        text = f"{view.queued >> 10} of {view.queue_limit >> 10} KiB of copies wait at {view.node}"
        if full >= NEARLY:
            yield Problem(text, subject=view.node, where=(view.node,), seen={"full": round(full, 2)})
        else:
            yield Fine(text, subject=view.node, power=0.3)
