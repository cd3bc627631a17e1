"""Does the declared flow work only where all its steps meet one node?"""

from sessiondoctor.api import (
    EntryReplay,
    Fine,
    Inconclusive,
    NotApplicable,
    Problem,
    Rehearsal,
    Replay,
    Run,
    Severity,
    Verdicts,
    check,
)

GATEWAY = {502, 503, 504}  # a proxy's own answers: no node has refused anything


@check(severity=Severity.HIGH, role="loss", shows="session-unknown-elsewhere")
def flow_refused_by_turns(rehearsal: Rehearsal, replay: Replay | None, entry: EntryReplay | None) -> Verdicts:
    """The flow works only where one node answers all its steps.

    The flow is run through the public entry as a user runs it. If that fails it is run wholly on one node that can be
    asked directly, and through the entry with requests of somebody else in between, so that a balancer that takes turns
    leads each step to the same node. Where one of these works, the flow is declared rightly, and its steps must not
    meet different nodes.
    """
    runs = {run.way: run for run in rehearsal.runs}
    usual = runs.get("site")
    if not rehearsal.declared or usual is None:
        raise NotApplicable("no flow is declared, or the site gave no page", hint="declare site.flow")
    if usual.works:
        yield Fine("the flow works through the site", power=0.5)
        return
    if any(step.dropped for step in usual.steps):
        raise NotApplicable("a browser does not keep a cookie of this flow, and that may be why it fails")
    apart, direct = runs.get("apart"), runs.get("node")
    withheld = _withheld(usual, direct, replay)
    if withheld:
        raise NotApplicable(f"the site never sets {withheld}, which its nodes set, and that may be why it fails")
    if _failed(usual) in GATEWAY:
        raise NotApplicable(f"a proxy answered status {_failed(usual)}, and that may be why it fails")
    if entry and entry.never:
        raise NotApplicable("no session of a node is found through the site, and that may be why it fails")
    seen = {"steps": rehearsal.table()}
    if apart and apart.works:
        text = "it works when requests of others come between: the balancer takes turns, and two nodes share its steps"
        yield Problem(f"the flow always fails at {_where(usual)}; {text}", seen=seen)
    elif direct and direct.works:
        text = f"the same steps work on {direct.node}"
        yield Problem(f"the flow fails through the site at {_where(usual)}; {text}", seen=seen)
    else:
        raise Inconclusive("the flow works nowhere, so that nothing can be said about nodes")


def _failed(run: Run) -> int:
    """The status of the step at which it ends; 0 if none failed."""
    return next((step.status for step in reversed(run.steps) if step.trouble), 0)


def _withheld(usual: Run, direct: Run | None, replay: Replay | None) -> str:
    """The session cookie that one node sets in the flow, and the site in none of its steps; empty if there is none."""
    names = {visit.session_cookie.name for visit in replay.visits if visit.session_cookie} if replay else set()
    missing = (_set_by(direct) if direct else set()) - _set_by(usual)
    return min(names & missing, default="")


def _set_by(run: Run) -> set[str]:
    """The names of all cookies that were set in its steps."""
    return {name for step in run.steps for name in step.set_cookies}


def _where(run: Run) -> str:
    """The step at which it ends."""
    failed = next((step for step in reversed(run.steps) if step.trouble), None)
    return f"{failed.step} ({failed.trouble})" if failed else "its last step"
