"""Does every node know a login at once?"""

from sessiondoctor.api import (
    Fine,
    Inconclusive,
    Login,
    Logins,
    Problem,
    Recognition,
    Severity,
    Topology,
    Verdicts,
    Visits,
    check,
)

SERVER_ERROR = 500
OUTLIER_AMONG = 3


@check(severity=Severity.HIGH, role="loss", shows="session-unknown-elsewhere")
def login_unknown_elsewhere(logins: Logins, visits: Visits | None, topology: Topology) -> Verdicts:
    """A node does not know a login that was just made.

    Logs in through the public entry, then looks there three times and at once on every node directly. Where mode is
    sticky, or nothing is declared and each client is kept on its node, each node keeps its own logins, and only what
    the public entry says counts.
    """
    sticky = topology.mode() == "sticky" or (visits is not None and _binds(topology, visits, logins))
    known = [run for run in logins.runs if _known_somewhere(run)]
    if not known:
        raise Inconclusive("no login was recognised anywhere; declare site.flow.logged_in, see login-fails")
    flapping = [run for run in known if {"kept", "lost"} <= {exchange.state for exchange in run.looks.exchanges}]
    deaf = {} if sticky else _deaf(known)
    if deaf:
        names = ", ".join(sorted(deaf))
        yield Problem(
            f"right after a login not every node knows it: {names}", where=_outlier(known), seen={"said": deaf}
        )
    elif flapping:
        seen = {"client": logins.client(flapping[0])}
        yield Problem("right after a login one page knows it and the next does not", seen=seen)
    else:
        yield _fine(known, sticky=sticky)


def _binds(topology: Topology, visits: Visits, logins: Logins) -> bool:
    """Whether each client is kept on its node, or no node knows another one's logins and none was lost at the site."""
    apart = topology.mode() == "unknown" and all(len(_knowing(run)) <= 1 for run in logins.runs)
    return topology.site.mode == "auto" and (visits.binds or (apart and visits.keeps_all))


def _known_somewhere(run: Login) -> bool:
    return any(exchange.state == "kept" for exchange in run.looks.exchanges) or bool(_knowing(run))


def _deaf(runs: list[Login]) -> dict[str, str]:
    """What the nodes say that do not know a login which is known elsewhere."""
    said = [one for run in runs for one in run.nodes if _did_not_know(one)]
    return {one.node: f"status {one.status}, later {one.later}" for one in said}


def _did_not_know(one: Recognition) -> bool:
    return one.at_once == "out" or one.status >= SERVER_ERROR


def _outlier(runs: list[Login]) -> tuple[str, ...]:
    """The one node that does not know the others' logins, nor they its own, among three or more."""
    split = [({one.node for one in run.nodes if _did_not_know(one)}, set(_knowing(run))) for run in runs]
    split = [(deaf, knowing) for deaf, knowing in split if deaf and len(deaf | knowing) >= OUTLIER_AMONG]
    alone = {node for deaf, _ in split if len(deaf) == 1 for node in deaf}
    return tuple(node for node in sorted(alone) if all({node} in parts for parts in split))


def _knowing(run: Login) -> tuple[str, ...]:
    return tuple(one.node for one in run.nodes if one.at_once == "in")


def _fine(runs: list[Login], *, sticky: bool) -> Fine:
    """What was seen of more than one node.

    Raises:
        Inconclusive: that is nothing.
    """
    if sticky:
        return Fine("every page after a login knows it", power=0.0)
    asked = {node for run in runs for node in _knowing(run)}
    met = {node for run in runs for node in (*run.steps.nodes, *run.looks.nodes)}
    if len(asked) > 1:
        return Fine(f"{len(asked)} nodes know a login at once")
    if len(met) > 1 and not asked:
        return Fine(f"clients are answered by {len(met)} nodes, and all know their login", power=0.5)
    raise Inconclusive("only one node was asked about a login; declare nodes with url")
