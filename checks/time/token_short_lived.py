"""Do tokens live as long as sessions should?"""

from sessiondoctor.api import Fine, Inconclusive, Problem, Severity, Tokens, Topology, Verdicts, check

BORN_EXPIRED_S = 0.0


@check(severity=Severity.MEDIUM)
def token_short_lived(tokens: Tokens, topology: Topology) -> Verdicts:
    """A token expires before the idle timeout.

    Without a refresh users are logged out at a fixed time after they came. Expired at birth means a clock that is
    behind.
    """
    dated = [token for token in tokens.tokens if token.expires_s is not None]
    if not dated:
        raise Inconclusive("no token says when it expires")
    idle = topology.site.idle_timeout
    for token in dated:
        left = token.expires_s or 0.0
        if left <= BORN_EXPIRED_S:
            yield Problem(
                f"a token of {token.node} had expired {-left:.0f} s before it was issued", token.node, (token.node,)
            )
        elif idle and left < idle:
            yield Problem(f"a token of {token.node} expires after {left:.0f} s, idle_timeout is {idle}", token.node)
        else:
            yield Fine(f"a token of {token.node} expires after {left:.0f} s", subject=token.node)
