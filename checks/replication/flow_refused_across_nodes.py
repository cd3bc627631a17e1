"""Is a form or login that one node began accepted by another?"""

from sessiondoctor.api import (
    Fine,
    Inconclusive,
    Problem,
    Severity,
    StepTest,
    StepTests,
    Topology,
    Verdicts,
    Visits,
    check,
    named,
)


@check(severity=Severity.HIGH, role="loss", shows="session-unknown-elsewhere")
def flow_refused_across_nodes(steps: StepTests, visits: Visits | None, topology: Topology) -> Verdicts:
    """Steps that one node takes are refused when two share them.

    The form, or the page with the login, comes from one node, and what a user sends goes to another one. It is refused,
    or the login page comes again. Where nothing keeps a client on its node, and two nodes take turns, such a login
    fails always; with more nodes, or at random, it fails now and then.
    """
    judged = [test for test in steps.tests if test.state != "unknown"]
    if not steps.whole:
        raise Inconclusive("the whole flow works on no node that was asked")
    if not judged:
        raise Inconclusive("no step was sent to another node than the one that began it")
    refused = [test for test in judged if test.state != "accepted"]
    bound = topology.site.mode == "auto" and visits is not None and visits.binds
    if refused and (bound or topology.mode() == "sticky"):
        why = "and the balancer keeps each user on one" if bound else "as mode sticky has it"
        yield Fine(f"each node accepts only steps that it began itself, {why}", power=0.0)
    elif refused:
        yield Problem(_told(refused[0]), seen={"refused": [_told(test) for test in refused]})
    else:
        nodes = tuple(dict.fromkeys(test.sent_to for test in judged))
        yield Fine(f"{named(nodes, 'accepts', 'accept')} steps that another node began")


def _told(test: StepTest) -> str:
    said = f": {test.refusal}" if test.refusal else ""
    return (
        f"the same steps work on {test.begun_on}, and are refused when {test.begun_on} made the form and "
        f"{test.sent_to} received it ({test.step}, status {test.status}{said})"
    )
