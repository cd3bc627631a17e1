"""Do resolvers agree on the site's addresses?"""

from sessiondoctor.api import Fine, Inconclusive, Names, Problem, Severity, Verdicts, check


@check(severity=Severity.MEDIUM)
def resolvers_disagree(names: Names) -> Verdicts:
    """Resolvers give different addresses for the site.

    Users are sent to different sites by the resolver they happen to use, and when its answer changes in mid-session.
    """
    answers = {answer.resolver: (*answer.ipv4, *answer.ipv6) for answer in names.answers if not answer.trouble}
    if len(answers) < 2:  # two resolvers are compared
        raise Inconclusive("fewer than two resolvers answered; declare dns.resolvers")
    sets = {frozenset(addresses) for addresses in answers.values()}
    if len(sets) > 1:
        words = "; ".join(f"{resolver}: {', '.join(sorted(addresses))}" for resolver, addresses in answers.items())
        yield Problem(f"resolvers disagree: {words}")
    else:
        yield Fine(f"{len(answers)} resolvers agree{_operator(names)}")


def _operator(names: Names) -> str:
    """Whose balancer or CDN the name leads to, where its canonical name says that."""
    found = next((answer for answer in names.answers if answer.operator), None)
    return f"; the name leads to {found.operator} ({found.canonical})" if found else ""
