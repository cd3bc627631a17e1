"""Does a node accept the session cookie that it has just made?"""

from sessiondoctor.api import Fine, Inconclusive, NotApplicable, Problem, Replay, Severity, Verdicts, check


@check(severity=Severity.CRITICAL)
def own_cookie_rejected(replay: Replay) -> Verdicts:
    """A node rejects a session cookie that it made itself.

    The session is wholly in the cookie, and only the secret decides about it: the node has more than one, such as one
    for each worker process, made up at start-up.
    """
    holders = {visit.node for visit in replay.visits if visit.session_cookie and visit.session_cookie.holds_state}
    if not holders:
        raise NotApplicable("the session is not in the cookie")
    own = [cell for cell in replay.own if cell.created_on in holders and cell.state in {"kept", "lost"}]
    taken_back = [cell for cell in replay.other if cell.created_on in holders and cell.back in {"kept", "lost"}]
    if not own:
        raise Inconclusive("whether a node knows its own session cannot be seen; declare site.flow")
    for node in sorted({cell.created_on for cell in own}):
        looks = [cell.state for cell in own if cell.created_on == node]
        looks += [cell.back for cell in taken_back if cell.created_on == node]
        lost = looks.count("lost")
        if lost:
            text = f"{node} rejects {lost} of {len(looks)} session cookies that it made itself"
            yield Problem(text, subject=node, where=(node,))
        else:
            yield Fine(f"{node} accepts its own session cookies ({len(looks)})", subject=node)
