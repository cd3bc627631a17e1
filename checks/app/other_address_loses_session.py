"""Is a session known when its user comes from another address?"""

from sessiondoctor.api import Fine, Inconclusive, NotApplicable, Problem, SameNode, Severity, Verdicts, check


@check(severity=Severity.HIGH)
def other_address_loses_session(same_node: SameNode) -> Verdicts:
    """A node ends a session when its user's address changes.

    One node is shown a session as a proxy would hand it on, for the address that it was made from, then for another one
    (`X-Forwarded-For`). A node that does not trust that header sees one address, and this shows nothing.
    """
    if not same_node.called_for:
        raise NotApplicable("no state was lost anywhere")
    if same_node.same_address != "kept":
        raise Inconclusive("no node knew a session for the address that it was made from")
    if same_node.node in same_node.undecided:
        raise Inconclusive(f"{same_node.node} knows sessions at some requests only")
    if same_node.other_address == "lost":
        gone = ", and it is gone for the first one, too" if same_node.same_again == "lost" else ""
        text = f"{same_node.node} does not accept a session from another forwarded address{gone}"
        yield Problem(text, where=(same_node.node,))
    else:
        yield Fine("a session does not depend on the forwarded address", power=0.5)
