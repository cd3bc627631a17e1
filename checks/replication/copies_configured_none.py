"""Does a running member keep a second copy of each session?"""

from sessiondoctor.api import Fine, MemberView, NotApplicable, Problem, Severity, Verdicts, check


@check(severity=Severity.HIGH, shows="one-copy-alone")
def copies_configured_none(views: tuple[MemberView, ...]) -> Verdicts:
    """A running member keeps no second copy of its sessions.

    As the server tells it: the owners of the cache that holds the sessions.
    """
    told = [(view, one) for view in views for one in view.sessions if one.backups is not None]
    if not told:
        raise NotApplicable("no node tells how many copies of a session there are")
    for view, one in told:
        if one.backups:
            yield Fine(f"{one.application} has {one.backups + 1} copies of each session", subject=view.node)
        else:
            text = f"{view.node} keeps each session of {one.application} once"
            yield Problem(text, subject=view.node, where=(view.node,), detail=one.application)
