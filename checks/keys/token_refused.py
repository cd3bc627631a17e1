"""Do nodes take the JSON Web Tokens of the others?"""

from sessiondoctor.api import Fine, Inconclusive, NotApplicable, Problem, Replay, Severity, Verdicts, check

REFUSALS = {401, 403}


@check(severity=Severity.CRITICAL)
def token_refused(replay: Replay) -> Verdicts:
    """A node rejects a JSON Web Token that another node just issued.

    The session is in a token, and a node judges it by the issuer's key and its own clock: no store is involved. Which
    of the two it is is seen where `nodes[].jwks` is declared.
    """
    issuers = {visit.node for visit in replay.visits if visit.session_cookie and visit.session_cookie.product == "jwt"}
    if not issuers:
        raise NotApplicable("the session is not in a JSON Web Token that is a cookie")
    lost = [cell for cell in replay.other if cell.created_on in issuers and cell.state == "lost"]
    refused = [cell for cell in lost if cell.status in REFUSALS]
    if refused:
        cell = refused[0]
        text = f"{cell.read_on} answers {cell.status} to a token of {cell.created_on}"
        yield Problem(text, where=(replay.outlier,) if replay.outlier else ())
    elif lost:
        raise Inconclusive("state is lost, and whether the token was refused cannot be seen")
    else:
        yield Fine("every node accepts the tokens of the others")
