"""Does a running member answer before its copies are sent?"""

from sessiondoctor.api import Fine, MemberView, NotApplicable, Problem, Severity, Verdicts, check


@check(severity=Severity.LOW, role="hygiene", false_alarm=0.2, shows="copied-after-response")
def copies_sent_later(views: tuple[MemberView, ...]) -> Verdicts:
    """Running members send copies of sessions after the response.

    Tomcat's `channelSendOptions` as the server has it: 8 is asynchronous, and its default.
    """
    told = [view for view in views if view.asynchronous is not None]
    if not told:
        raise NotApplicable("no node tells when it sends its copies")
    for view in told:
        if view.asynchronous:
            yield Problem(f"{view.node} sends copies after the response", subject=view.node, where=(view.node,))
        else:
            yield Fine(f"{view.node} waits for its copies", subject=view.node)
