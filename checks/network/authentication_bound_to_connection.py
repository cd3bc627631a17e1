"""Does the site log users in by their connection?"""

from sessiondoctor.api import Fine, NotApplicable, Problem, Rehearsal, Severity, Verdicts, check

BOUND = ("ntlm", "negotiate")  # RFC 4559, section 6: what they prove holds for the connection


@check(severity=Severity.MEDIUM)
def authentication_bound_to_connection(rehearsal: Rehearsal) -> Verdicts:
    """The site asks for a login that belongs to a connection.

    NTLM and Negotiate authenticate a connection; a balancer that shares connections among clients, or leads each
    request to another node, breaks the handshake or mixes users up.
    """
    schemes = rehearsal.no_page.schemes if rehearsal.no_page else ()
    if not schemes:
        raise NotApplicable("the site does not ask for a login by HTTP")
    bound = [scheme for scheme in schemes if scheme.lower() in BOUND]
    if bound:
        yield Problem(f"the site asks for {' or '.join(bound)}, which holds for one connection to one node")
    else:
        yield Fine(f"the site asks for {', '.join(schemes)}, which each request carries")
