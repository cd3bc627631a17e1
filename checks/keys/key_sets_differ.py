"""Do all nodes publish the same keys?"""

from sessiondoctor.api import Fine, Inconclusive, KeySets, Problem, Severity, Verdicts, check


@check(severity=Severity.CRITICAL, role="loss")
def key_sets_differ(key_sets: KeySets) -> Verdicts:
    """Nodes of one issuer publish different keys for its tokens.

    Whoever verifies a token asks the issuer for its keys through the balancer, and may meet the node that lacks the one
    that the token was signed with.
    """
    sets = {answer.ids for answer in key_sets.answers}
    if len(key_sets.answers) < 2:
        raise Inconclusive("only one key set could be read")
    lacking = [answer for answer in key_sets.answers if any(set(other) - set(answer.ids) for other in sets)]
    if lacking:
        names = tuple(dict.fromkeys(answer.node for answer in lacking if answer.node))
        who = f"{', '.join(names)}: each lacks" if names else f"of {len(key_sets.answers)} answers some lack"
        yield Problem(f"{who} keys that another one publishes", where=names)
    else:
        yield Fine(f"{len(key_sets.answers)} answers name the same keys")
