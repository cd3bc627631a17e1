"""Does each node know its own sessions?"""

from sessiondoctor.api import Fine, Inconclusive, Problem, Replay, Severity, Unknown, Verdicts, check


@check(severity=Severity.CRITICAL, role="loss", survival=True, shows="session-lost-at-home")
def replay_lost_at_home(replay: Replay) -> Verdicts:
    """A node forgets its own session at the next request.

    Asked directly, with every cookie returned: no balancer and no browser is involved. The write failed, no cookie came
    back, or the application threw the session away. Asked through the balancer, losses on every node may be a proxy's.
    """
    judged = [cell for cell in replay.own if cell.state in {"kept", "lost"}]
    if not judged:
        raise Inconclusive("whether a node knows its own session cannot be seen; declare site.flow")
    of_proxies = replay.way == "steered" and all(cell.state == "lost" for cell in judged)
    for cell in judged:
        if of_proxies:
            yield Unknown("a session is lost, by its node or by a proxy before it", subject=cell.created_on)
        elif cell.state == "lost":
            node = cell.created_on
            yield Problem(f"{node} has forgotten a session at the next request", subject=node, where=(node,))
        else:
            yield Fine(f"{cell.created_on} knows its own session", subject=cell.created_on)
