"""Do all nodes protect with one Data Protection key?"""

from sessiondoctor.api import Fine, NotApplicable, Problem, Replay, Severity, Verdicts, check, named, odd_ones


@check(severity=Severity.CRITICAL)
def data_protection_keys_differ(replay: Replay) -> Verdicts:
    """Nodes protect cookies and pages with different Data Protection keys.

    The id of the key is readable in every protected value: a cookie, a form's token, a marker of Blazor. Two ids at
    one time mean two key rings, or a rotation.
    """
    keys = {visit.node: key for visit in replay.visits for key in visit.page_keys[:1]}
    keys |= {visit.node: cookie.key_id for visit in replay.visits for cookie in visit.cookies if cookie.key_id}
    if len(keys) < 2:  # two nodes are compared
        raise NotApplicable("fewer than two nodes show a value of ASP.NET Core Data Protection")
    odd, _ = odd_ones(keys)
    if odd:
        another = next(node for node in keys if node not in odd)
        yield Problem(f"{named(odd, 'uses', 'use')} another key than {another}", where=odd)
    else:
        yield Fine("every node uses the same Data Protection key")
