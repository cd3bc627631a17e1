"""Does each node sign with the secret that it is declared to have?"""

from sessiondoctor.api import Fine, Inconclusive, NotApplicable, Problem, Replay, Severity, Verdicts, check


@check(severity=Severity.HIGH)
def signed_with_undeclared_secret(replay: Replay) -> Verdicts:
    """A node signs session cookies with another secret than the declared one.

    The variable named by `nodes[].secret_env` is tried on a session cookie that the node has just set. A node that made
    its secret up at start-up, or was not restarted after a change, signs with something else.
    """
    judged = [visit for visit in replay.visits if visit.signed_by is not None]
    missing = next((visit.unverified for visit in replay.visits if visit.unverified), "")
    if missing and not judged:
        raise Inconclusive(missing)
    if not judged:
        raise NotApplicable(
            "no secret is declared that could verify a session cookie", hint="declare nodes[].secret_env"
        )
    for visit in judged:
        if visit.node in (visit.signed_by or ()):
            yield Fine(f"{visit.node} signs with its declared secret", subject=visit.node)
        else:
            others = ", ".join(visit.signed_by or ()) or "no node"
            text = f"{visit.node} does not sign with its declared secret but with that of {others}"
            yield Problem(text, subject=visit.node, where=(visit.node,))
