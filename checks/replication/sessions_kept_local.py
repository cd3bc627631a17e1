"""Does what keeps the application's sessions copy them?"""

from sessiondoctor.api import (
    Fine,
    Inconclusive,
    MemberView,
    NotApplicable,
    Problem,
    Severity,
    Topology,
    Unknown,
    Verdicts,
    check,
)


@check(severity=Severity.HIGH)
def sessions_kept_local(views: tuple[MemberView, ...], topology: Topology) -> Verdicts:
    """The application's session manager does not copy sessions to other nodes.

    As the running server tells it: Tomcat's `StandardManager`, which it takes for an application without
    `<distributable/>` or a server without a cluster; a deployment of WildFly without a cache in the cluster.
    """
    if topology.mode() != "replicated" and not any(view.size for view in views):
        raise NotApplicable("the nodes are not meant to copy sessions to each other")
    for view in views:
        kinds = {one.copies for one in view.sessions}
        if not kinds or kinds == {None}:
            continue
        local = next((one for one in view.sessions if one.copies is False), None)
        if local and True not in kinds:
            why = "" if view.size else ", and the server has no cluster"
            yield Problem(f"{view.node} keeps the sessions of {local.application or '/'} in a {local.kind}{why}",
                          subject=view.node, where=(view.node,), detail=local.application)  # fmt: skip
        elif local is None:
            yield Fine(f"{view.node} copies sessions", subject=view.node)
        else:
            text = f"{view.node} copies the sessions of other applications, and not of {local.application or '/'}"
            yield Unknown(text, subject=view.node)
    if all(one.copies is None for view in views for one in view.sessions):
        raise Inconclusive("no node tells what keeps its sessions")
