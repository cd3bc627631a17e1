"""Are fresh tokens valid at once?"""

from sessiondoctor.api import Fine, Inconclusive, Problem, Replay, Severity, Tokens, Verdicts, check

LEEWAY_S = 1.0  # what passes between nodes that agree


@check(severity=Severity.HIGH)
def token_not_yet_valid(tokens: Tokens, replay: Replay) -> Verdicts:
    """A new token is dated in the future.

    `nbf` and `iat` come from the clock of the node that issues it. Many libraries accept no difference at all; nodes
    that were all seen to accept it at once grant a leeway.
    """
    dated = [token for token in tokens.tokens if token.issued_s is not None or token.not_before_s is not None]
    if not dated:
        raise Inconclusive("no token says when it was issued")
    for token in dated:
        ahead = max(token.issued_s or 0.0, token.not_before_s or 0.0)
        if ahead <= LEEWAY_S:
            yield Fine(f"a token of {token.node} is valid at once", subject=token.node)
        elif _accepted(replay, token.node):
            yield Fine(f"a token of {token.node} is dated {ahead:.0f} s ahead, within a leeway", subject=token.node)
        else:
            text = f"a token of {token.node} is valid only in {ahead:.0f} s"
            yield Problem(text, subject=token.node, where=(token.node,))


def _accepted(replay: Replay, node: str) -> bool:
    """Whether every other node was seen to accept what this one issues."""
    states = {cell.state for cell in replay.other if cell.created_on == node}
    return states == {"kept"}
