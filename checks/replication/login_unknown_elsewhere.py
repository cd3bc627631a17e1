"""Does every node know a login at once?"""

from sessiondoctor.api import Fine, Inconclusive, Login, Logins, Problem, Severity, Topology, Verdicts, check

SERVER_ERROR = 500
OUTLIER_AMONG = 3


@check(severity=Severity.HIGH, role="loss")
def login_unknown_elsewhere(logins: Logins, topology: Topology) -> Verdicts:
    """A node does not know a login that was just made.

    Logs in through the public entry, then looks there three times and at once on every node directly. Where mode is
    sticky, each node keeps its own logins, and only what the public entry says counts.
    """
    known = [run for run in logins.runs if _known_somewhere(run)]
    if not known:
        raise Inconclusive("no login was recognised anywhere; declare site.flow.logged_in, see login-fails")
    flapping = [run for run in known if {"kept", "lost"} <= {hop.state for hop in run.looks.hops}]
    deaf = {} if topology.mode() == "sticky" else _deaf(known)
    if deaf:
        names = ", ".join(sorted(deaf))
        yield Problem(f"right after a login {names} does not know it", where=_outlier(deaf, known), seen={"said": deaf})
    elif flapping:
        seen = {"strip": flapping[0].looks.strip()}
        yield Problem("right after a login one page knows it and the next does not", seen=seen)
    else:
        yield _fine(known, topology)


def _known_somewhere(run: Login) -> bool:
    return any(hop.state == "kept" for hop in run.looks.hops) or any(one.at_once == "in" for one in run.nodes)


def _deaf(runs: list[Login]) -> dict[str, str]:
    """What the nodes say that do not know a login which is known elsewhere."""
    said = [one for run in runs for one in run.nodes if one.at_once == "out" or one.status >= SERVER_ERROR]
    return {one.node: f"status {one.status}, later {one.later}" for one in said}


def _outlier(deaf: dict[str, str], runs: list[Login]) -> tuple[str, ...]:
    nodes = {one.node for run in runs for one in run.nodes}
    return tuple(deaf) if len(deaf) == 1 and len(nodes) >= OUTLIER_AMONG else ()


def _fine(runs: list[Login], topology: Topology) -> Fine:
    """What was seen of more than one node.

    Raises:
        Inconclusive: that is nothing.
    """
    if topology.mode() == "sticky":
        return Fine("every page after a login knows it", power=0.0)
    asked = {one.node for run in runs for one in run.nodes if one.at_once == "in"}
    met = {node for run in runs for node in (*run.steps.nodes, *run.looks.nodes)}
    if len(asked) > 1:
        return Fine(f"{len(asked)} nodes know a login at once")
    if len(met) > 1 and not asked:
        return Fine(f"clients are answered by {len(met)} nodes, and all know their login", power=0.5)
    raise Inconclusive("only one node was asked about a login; declare nodes with url")
