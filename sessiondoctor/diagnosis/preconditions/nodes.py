"""What answers: nodes, processes, balancers, addresses."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sessiondoctor.diagnosis.preconditions.word import Answer, word, yes_if
from sessiondoctor.evidence.balancers.status import BalancerStatus
from sessiondoctor.evidence.balancers.stick_tables import ShownTable, StickTables
from sessiondoctor.evidence.entry.entry_points import EntryPoints
from sessiondoctor.evidence.entry.visits import Visits
from sessiondoctor.evidence.network.names import Names
from sessiondoctor.evidence.nodes.same_node import SameNode

if TYPE_CHECKING:
    from sessiondoctor.diagnosis.scene import Scene

_OF_PROXIES = {"via", "age", "x-cache", "cf-cache-status"}
FLEETING = {"cloud-run", "lambda", "knative"}
"""Kinds of workloads that end when nobody uses them."""


@word
def local_sessions(scene: Scene) -> Answer:
    """Sessions can be in the memory or on the disk of one node; most stacks keep them there unless told otherwise.

    Unknown where the session cookie holds the whole session, for then a node has to keep nothing but what the
    application keeps by itself; and in Django, whose sessions are in the database by default, if nothing is declared.
    """
    if scene.topology.mode() == "sticky":
        return "yes"
    cookies = scene.session_cookies
    in_cookie = bool(cookies) and all(cookie.holds_state for cookie in cookies)
    in_database = scene.stack == "django" and scene.topology.mode() == "unknown"
    return yes_if(() if in_cookie or in_database else (scene.gathered.pieces,))


@word
def sessions_not_known_everywhere(scene: Scene) -> Answer:
    """No matrix shows that each node knows the sessions of all others."""
    return "no" if scene.sessions_known_everywhere else yes_if(scene.gathered.pieces)


@word
def several_nodes(scene: Scene) -> Answer:
    """Two nodes serve the site."""
    if len(scene.nodes) >= 2 or scene.configs.has_several_nodes():
        return "yes"
    servers = [len(status.servers) for status in scene.all(BalancerStatus)]
    servers += [len(set(table.servers.values())) for table in _tables(scene) if table.servers]
    if any(count >= 2 for count in servers):
        return "yes"
    return "no" if servers else "unknown"


def _tables(scene: Scene) -> tuple[ShownTable, ...]:
    """The stick tables that were given."""
    return tuple(table for given in scene.all(StickTables) for table in given.tables)


@word
def proxy(scene: Scene) -> Answer:
    """Something stands between users and nodes: a balancer, a proxy, a cache."""
    nodes, visits = scene.topology.nodes, scene.visits
    said = visits and any(name in _OF_PROXIES for name in visits.headers)
    if scene.topology.load_balancers or scene.configs.proxies or scene.all(BalancerStatus) or said:
        return "yes"
    if several_nodes(scene) == "yes":
        return "yes"
    alone = len(nodes) == 1 and nodes[0].url.rstrip("/") == scene.topology.site.url.rstrip("/")
    return "no" if alone else "unknown"


@word
def workers(scene: Scene) -> Answer:
    """Several processes answer at the address of one node."""
    undecided = any(same_node.undecided for same_node in scene.all(SameNode))
    counts = [workload.workers for workload in scene.configs.workloads if workload.workers is not None]
    if undecided or any(count >= 2 for count in counts):
        return "yes"
    return "no" if counts else "unknown"


@word
def several_applications(scene: Scene) -> Answer:
    """Several applications answer for the site: at further URLs, or as services of one host."""
    services = {node.service for node in scene.topology.nodes}
    tried = any(entry_points.of("url") for entry_points in scene.all(EntryPoints))
    return yes_if((scene.topology.site.urls, len(services) >= 2, tried))


@word
def fleeting_instances(scene: Scene) -> Answer:
    """Instances of the application end by themselves: functions, autoscaled containers."""
    fleeting = (one.autoscaled or one.kind in FLEETING for one in scene.configs.workloads)
    gone = (volume.kind == "ephemeral" for volume in scene.configs.volumes)
    return yes_if((*fleeting, *gone))


@word
def affinity_cookie(scene: Scene) -> Answer:
    """The balancer keeps clients by a cookie."""
    declared = any(balancer.affinity_cookie for balancer in scene.topology.load_balancers)
    declared |= any(affinity.by == "cookie" for affinity in scene.configs.affinities)
    of_balancer = any(status.affinity_cookie for status in scene.all(BalancerStatus))
    if declared or of_balancer or any(visits.affinity_cookies for visits in scene.all(Visits)):
        return "yes"
    said = [status.keeping for status in scene.all(BalancerStatus)]
    return "no" if said and all(keeping in {"none", "address"} for keeping in said) else "unknown"


@word
def no_affinity_cookie(scene: Scene) -> Answer:
    """No balancer in front of the nodes sets a cookie to keep clients by; a route in a session id is not one."""
    visits = scene.visits
    if not visits:
        return "unknown"
    return "no" if any(cookie.role == "affinity" for cookie in visits.cookies) else "yes"


@word
def address_affinity(scene: Scene) -> Answer:
    """The balancer keeps clients by their address."""
    said = [status.keeping for status in scene.all(BalancerStatus)]
    if "address" in said or any(affinity.by == "address" for affinity in scene.configs.affinities):
        return "yes"
    return "no" if said and all(keeping in {"none", "cookie"} for keeping in said) else "unknown"


@word
def several_balancers(scene: Scene) -> Answer:
    """Clients pass one of several balancers, or several of them one after the other."""
    several = len(scene.topology.load_balancers) >= 2 or scene.configs.has_several_balancers()
    several = several or len({table.balancer for table in _tables(scene)}) >= 2
    if several or several_addresses(scene) == "yes":
        return "yes"
    return "unknown"


@word
def several_addresses(scene: Scene) -> Answer:
    """The site's name has several addresses."""
    declared = {address for addresses in scene.topology.site.resolve.values() for address in addresses}
    addresses = {a for names in scene.all(Names) for answer in names.answers for a in (*answer.ipv4, *answer.ipv6)}
    tried = [entry_test for entry_points in scene.all(EntryPoints) for entry_test in entry_points.of("address")]
    if len(declared) >= 2 or len(addresses) >= 2 or tried:
        return "yes"
    return "no" if addresses else "unknown"


@word
def both_address_families(scene: Scene) -> Answer:
    """The site's name has IPv4 and IPv6 addresses."""
    declared = {address for addresses in scene.topology.site.resolve.values() for address in addresses}
    answers = [answer for names in scene.all(Names) for answer in names.answers]
    six = any(answer.ipv6 for answer in answers) or any(":" in address for address in declared)
    four = any(answer.ipv4 for answer in answers) or any(":" not in address for address in declared)
    if six and four:
        return "yes"
    return "no" if answers else "unknown"
