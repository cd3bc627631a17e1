"""Do all nodes use one session cookie?"""

from collections import Counter

from sessiondoctor.api import Fine, Inconclusive, NotApplicable, Problem, Replay, Severity, Verdicts, check, named


@check(severity=Severity.HIGH, role="loss")
def cookie_names_differ(replay: Replay) -> Verdicts:
    """Nodes use session cookies of different names.

    A node does not look at a cookie of another name, and makes a session of its own.
    """
    names = {visit.node: visit.session_cookie.name for visit in replay.visits if visit.session_cookie}
    if any(visit.named_by_address for visit in replay.visits):
        raise NotApplicable(
            "the name holds the address that was asked, another one for each node",
            hint="declare nodes[].headers.Host",
        )
    if len(names) < 2:  # noqa: PLR2004 - two nodes are compared
        raise Inconclusive("fewer than two nodes set a session cookie")
    common, _ = Counter(names.values()).most_common(1)[0]
    odd = tuple(sorted(node for node, name in names.items() if name != common))
    if odd:
        yield Problem(
            f"{named(odd, 'sets', 'set')} the session cookie {names[odd[0]]}; the other nodes set {common}", where=odd
        )
    else:
        yield Fine(f"every node sets {common}")
