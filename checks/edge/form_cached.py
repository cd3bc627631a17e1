"""Does a cache hand out forms?"""

from sessiondoctor.api import Fine, Forms, Inconclusive, Problem, Severity, Topology, Unknown, Verdicts, check


@check(severity=Severity.MEDIUM)
def form_cached(forms: Forms, topology: Topology) -> Verdicts:
    """A form with its token comes from a shared cache.

    Its token belongs to whoever the cache asked for it, and is no good for anybody else. Looks at what the response
    says of caches, and whether two new clients are shown one token.
    """
    if forms.cached:
        told = f", and {forms.tokens_shared} new clients are shown the same token" if forms.tokens_shared else ""
        yield Problem(f"the page with the form is, or may be, kept by a shared cache{told}")
    elif not any(one.state in {"accepted", "rejected"} for one in forms.through_entry):
        raise Inconclusive("no form could be opened at the public entry")
    elif not forms.tokens_shared:
        yield Fine("every client is shown a token of its own, and nothing says that a cache keeps it")
    elif topology.site.flow.login:
        yield Unknown("several sessions of one user are shown the same token: by a cache, or because it is the user's")
    else:
        yield Problem(f"{forms.tokens_shared} new clients are shown the same token")
