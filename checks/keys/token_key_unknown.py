"""Can every node verify the tokens of the others?"""

from sessiondoctor.api import Fine, Inconclusive, Problem, Severity, Tokens, Verdicts, check


@check(severity=Severity.CRITICAL, role="loss")
def token_key_unknown(tokens: Tokens) -> Verdicts:
    """A node cannot verify the tokens that another one issues.

    The key is not in the JSON Web Key Set that it serves, or the key of that id is another one.
    """
    if not tokens.tokens:
        raise Inconclusive("no node issues a JSON Web Token; declare site.flow.login and what to extract")
    for token in tokens.tokens:
        refusing = sorted(set(tokens.sets) - set(token.verified_by))
        if not refusing:
            yield Fine(f"every node verifies the tokens of {token.node}", subject=token.node)
            continue
        why = "does not have the key" if set(refusing) <= set(token.unknown_to) else "has another key of that id"
        odd = (token.node,) if len(refusing) > 1 or token.node in refusing else tuple(refusing)
        yield Problem(f"{', '.join(refusing)} {why} that {token.node} signs with", token.node, odd)
