"""Does a running member listen where the others can reach it?"""

import re

from sessiondoctor.api import Fine, MemberView, NotApplicable, Problem, Severity, Topology, Verdicts, check

LOOPBACK = re.compile(r"(?:127\.[0-9.]+|localhost|\[?::1\]?)(?::[0-9]+)?", re.IGNORECASE)


@check(severity=Severity.CRITICAL)
def member_behind_loopback(views: tuple[MemberView, ...], topology: Topology) -> Verdicts:
    """A running member of the cluster listens on the loopback address.

    As the member tells its own address, where the nodes are not all on this machine.
    """
    told = [view for view in views if view.address and re.search(r":[0-9]+$", view.address)]
    if not told:
        raise NotApplicable("no member tells the address at which it listens")
    if all(LOOPBACK.search(node.url) for node in topology.nodes if node.url):
        raise NotApplicable("all nodes are on this machine")
    for view in told:
        if LOOPBACK.fullmatch(view.address):
            yield Problem(f"{view.node} listens for other members on {view.address}", subject=view.node,
                          where=(view.node,))  # fmt: skip
        else:
            yield Fine(f"{view.node} listens on {view.address}", subject=view.node)
