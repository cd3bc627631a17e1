"""Are fresh tokens valid at once?"""

from sessiondoctor.api import Fine, Inconclusive, Problem, Severity, Tokens, Verdicts, check

LEEWAY_S = 1.0  # what passes between nodes that agree


@check(severity=Severity.HIGH)
def token_not_yet_valid(tokens: Tokens) -> Verdicts:
    """A fresh token is dated into the future: nodes with the right time refuse it until then.

    `nbf` and `iat` come from the clock of the node that issues it. Many libraries accept no difference at all.
    """
    dated = [token for token in tokens.tokens if token.issued_s is not None or token.not_before_s is not None]
    if not dated:
        raise Inconclusive("no token says when it was issued")
    for token in dated:
        ahead = max(token.issued_s or 0.0, token.not_before_s or 0.0)
        if ahead > LEEWAY_S:
            text = f"a token of {token.node} is valid only in {ahead:.0f} s"
            yield Problem(text, subject=token.node, where=(token.node,))
        else:
            yield Fine(f"a token of {token.node} is valid at once", subject=token.node)
