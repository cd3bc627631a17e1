"""Is a form rejected although the session is there?"""

from sessiondoctor.api import Fine, Forms, Inconclusive, Problem, Severity, Verdicts, check


@check(severity=Severity.MEDIUM)
def form_rejected_session_kept(forms: Forms) -> Verdicts:
    """A form is rejected by a node that knows the session.

    After a form was rejected, the session is read on the node that rejected it. If its state is there, what the form's
    token belongs to is not shared, and sessions are; if it is gone too, the form is only where the loss shows first.
    """
    tries = (*forms.direct, *forms.through_entry)
    if not any(one.state == "accepted" for one in tries):
        raise Inconclusive("no form is accepted at all; correct site.flow.form if it is declared wrongly")
    rejected = [one for one in tries if one.state == "rejected"]
    kept = [one for one in rejected if one.session_kept]
    if kept:
        nodes = ", ".join(sorted({one.sent_to for one in kept if one.sent_to})) or "the site"
        yield Problem(
            f"a form is rejected on {nodes}, and the session is still known there ({len(kept)} of {len(rejected)})"
        )
    elif not rejected:
        yield Fine("no form is rejected")
    elif any(one.session_kept is False for one in rejected):
        yield Fine("where a form is rejected, the session is gone as well")
    else:
        raise Inconclusive("whether the session survived was not asked; declare site.flow.write and read")
