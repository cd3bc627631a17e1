"""Are forms rejected only where they come through the site?"""

from sessiondoctor.api import Fine, Forms, Inconclusive, Problem, Severity, Verdicts, check


@check(severity=Severity.MEDIUM)
def form_rejected_at_entry_only(forms: Forms) -> Verdicts:
    """Forms are rejected at the public entry and accepted by every node.

    So the nodes agree about tokens, and the form that the entry shows is not the one that a node made for this client.
    """
    rejected = [one for one in forms.through_entry if one.state == "rejected" and one.session_kept]
    direct = [one for one in forms.direct if one.state in {"accepted", "rejected"}]
    if not direct:
        raise Inconclusive("no node was sent a form directly")
    if rejected and all(one.state == "accepted" for one in direct):
        count = f"{len(rejected)} of {len(forms.through_entry)}"
        yield Problem(f"{count} forms are rejected at the public entry, and none of {len(direct)} at the nodes")
    else:
        yield Fine("the public entry and the nodes treat forms the same")
