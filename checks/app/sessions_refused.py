"""Does a node refuse to make sessions?"""

from sessiondoctor.api import Fine, MemberView, NotApplicable, Problem, Severity, Verdicts, check


@check(severity=Severity.HIGH, role="loss")
def sessions_refused(views: tuple[MemberView, ...]) -> Verdicts:
    """A node refuses to make sessions beyond its limit.

    Tomcat's `rejectedSessions` beside `maxActiveSessions`, and WildFly's. Whoever gets no session is answered with
    an error, or stays without a login.
    """
    told = [view for view in views if any(one.rejected is not None for one in view.managers)]
    if not told:
        raise NotApplicable("no node tells how many sessions it refused")
    for view in told:
        refused = sum(one.rejected or 0 for one in view.managers)
        limited = [one for one in view.managers if one.limit]
        full = next((one for one in limited if one.active >= one.limit), None)
        seen = {"refused": refused, "active": sum(one.active for one in view.managers)}
        if refused:
            most = f"; it may hold {limited[0].limit}" if limited else ""
            yield Problem(f"{view.node} has refused {refused} sessions{most}", subject=view.node, where=(view.node,),
                          seen=seen)  # fmt: skip
        elif full:
            text = f"{view.node} holds as many sessions as it may ({full.limit})"
            yield Problem(text, subject=view.node, where=(view.node,), seen=seen)
        else:
            yield Fine(f"{view.node} has refused no session", subject=view.node, seen=seen)
