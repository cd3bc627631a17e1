"""Which nodes are taken out, how, and what puts them back."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from sessiondoctor.errors import Unavailable, UsageError
from sessiondoctor.evidence.experiments.drill import By
from sessiondoctor.experiments.drill.actions import Action, Outage, Removal
from sessiondoctor.experiments.drill.haproxy import RefusedError, states
from sessiondoctor.probes.balancers.status_page import node_of
from sessiondoctor.topology.hints import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sessiondoctor.experiments.drill.haproxy import ServerState
    from sessiondoctor.topology.model import Balancer, Node, Topology

ORDER: Final[tuple[By, ...]] = ("drain", "maint", "stop")
"""The gentlest first."""
_HOW = (
    "declare load_balancers[].runtime (HAProxy's runtime API: unix:/run/haproxy.sock or tcp://host:port), "
    "or nodes[].stop and nodes[].start"
)


@dataclass(frozen=True, slots=True)
class Intent:
    """What shall be done to one node, before anybody was asked what HAProxy calls it.

    Attributes:
        ways: the declared command; empty where HAProxy does it.
        start: the declared command that puts it back; empty where none is needed.
    """

    node: str
    ways: tuple[tuple[By, str], ...]
    start: str = ""

    @property
    def by_haproxy(self) -> bool:
        """Whether HAProxy's runtime API is told something."""
        return any(not command for _, command in self.ways)


def places_of(topology: Topology) -> tuple[str, ...]:
    """Where the runtime APIs of the declared HAProxies are."""
    return tuple(filter(None, map(_place, topology.load_balancers)))


def intents_of(topology: Topology, names: Sequence[str], by: By | None) -> tuple[Intent, ...]:
    """What would be done to these nodes; `by`: only this.

    Raises:
        UsageError: a node is not declared, is the only one, or nothing says how to take it out.
    """
    nodes = {node.name: node for node in topology.nodes}
    for name in names:
        if name not in nodes:
            near = did_you_mean(name, list(nodes))
            known = f"; expected one of {', '.join(nodes)}" if nodes else "; declare nodes[] in a topology file"
            raise UsageError(f"--node {name}: no such node is declared{near or known}")
    if len(nodes) < 2:
        raise UsageError("a drill needs another node that serves meanwhile; only one is declared")
    return tuple(_intent(nodes[name], bool(places_of(topology)), by) for name in dict.fromkeys(names))


def outages_of(topology: Topology, intents: Sequence[Intent]) -> tuple[Outage, ...]:
    """The intents with HAProxy's own names; blocking.

    Raises:
        Unavailable: HAProxy does not tell, or a node must not be taken out now.
    """
    try:
        known = {place: states(place) for place in places_of(topology)}
    except RefusedError as error:
        hint = "is it the runtime API, and may you use it? `stats socket ... level admin` in haproxy.cfg"
        raise Unavailable(str(error), hint=hint) from None
    return tuple(_outage(topology, intent, known) for intent in intents)


def _intent(node: Node, haproxy: bool, by: By | None) -> Intent:  # noqa: FBT001 - whether there is one
    ways = tuple(way for way in _ways(node, haproxy, by) if way)
    if not ways:
        raise UsageError(f"--node {node.name}: nothing says how to take it out{f' by {by}' if by else ''}; {_HOW}")
    return Intent(node.name, ways, node.start if any(command for _, command in ways) else "")


def _ways(node: Node, haproxy: bool, by: By | None) -> Iterator[tuple[By, str] | None]:  # noqa: FBT001
    """A drain first, then what takes the node out altogether: its own command where there is one."""
    if by in {None, "drain"} and (node.drain or haproxy):
        yield "drain", node.drain
    if by in {None, "stop"} and node.stop:
        yield "stop", node.stop
    if haproxy and (by == "maint" or (by is None and not node.stop)):
        yield "maint", ""


def _outage(topology: Topology, intent: Intent, known: dict[str, tuple[ServerState, ...]]) -> Outage:
    servers = {place: _servers(topology, intent.node, found) for place, found in known.items()}
    if intent.by_haproxy and not any(servers.values()):
        raise Unavailable(f"HAProxy has no server with the address or the name of {intent.node}")
    for place, own in servers.items():
        _insist_on_service(intent.node, own, known[place])
    paths = tuple((place, server.path) for place, own in servers.items() for server in own)
    folder = str(Path(topology.file).absolute().parent) if topology.file else ""
    undo = [Action(intent.start, folder=folder, node=intent.node, key="start")] if intent.start else []
    if intent.by_haproxy:
        undo += _told(paths, "ready")
    ways = [
        Removal(by, (Action(command, folder=folder, node=intent.node, key=by),) if command else _told(paths, by))
        for by, command in intent.ways
    ]
    return Outage(intent.node, tuple(ways), tuple(undo), paths)


def _servers(topology: Topology, node: str, found: Sequence[ServerState]) -> list[ServerState]:
    return [one for one in found if node_of(topology.nodes, address=one.address, name=one.name) == node]


def _insist_on_service(node: str, own: Sequence[ServerState], known: Sequence[ServerState]) -> None:
    """A drill begins with all in order, and never takes out the last.

    Raises:
        Unavailable: it would.
    """
    for server in own:
        if not server.in_service:
            raise Unavailable(f"{node} is not in service: HAProxy has taken {server.path} out, or it is not up")
        peers = [one for one in known if one.backend == server.backend and one.in_service and one not in own]
        if not peers:
            raise Unavailable(f"{node} is the only server in service in HAProxy's backend {server.backend}")


def _told(paths: Sequence[tuple[str, str]], state: str) -> tuple[Action, ...]:
    return tuple(Action(f"set server {path} state {state}", place) for place, path in paths)


def _place(balancer: Balancer) -> str:
    """The runtime API; the Unix socket of the statistics is one."""
    stats = balancer.stats.reveal()
    return balancer.runtime or (stats if balancer.kind == "haproxy" and stats.lower().startswith("unix:") else "")
