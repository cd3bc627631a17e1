"""What must be there for a cause to be possible: the words of `requires:` in a page's front matter.

Each precondition is a pure function from what was gathered and declared to yes, no or unknown. `no` removes the cause,
`unknown` makes it less probable. What was not looked at is unknown, never no. To add one, write one function here;
its name, with dashes, is the word.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Literal

from sessiondoctor.diagnosis.scene import Scene
from sessiondoctor.evidence.balancers.status import BalancerStatus
from sessiondoctor.evidence.entry.cross_site import CrossSiteVisits
from sessiondoctor.evidence.entry.entry_points import EntryPoints
from sessiondoctor.evidence.entry.visits import Visits
from sessiondoctor.evidence.flows.forms import Forms
from sessiondoctor.evidence.flows.logins import Logins
from sessiondoctor.evidence.flows.updates import Updates
from sessiondoctor.evidence.keys.key_rings import KeyRings
from sessiondoctor.evidence.keys.key_sets import KeySets
from sessiondoctor.evidence.keys.tokens import Tokens
from sessiondoctor.evidence.network.names import Names
from sessiondoctor.evidence.nodes.replay import Replay
from sessiondoctor.evidence.nodes.same_node import SameNode
from sessiondoctor.evidence.stores.redis_server import RedisServer
from sessiondoctor.evidence.stores.replicas import Replicas
from sessiondoctor.topology.model import JVM

if TYPE_CHECKING:
    from collections.abc import Iterable


Answer = Literal["yes", "no", "unknown"]

_OF_PROXIES = {"via", "age", "x-cache", "cf-cache-status"}
FLEETING = {"cloud-run", "lambda", "knative"}
"""Kinds of workloads that end when nobody uses them."""


Precondition = Callable[[Scene], Answer]
PRECONDITIONS: dict[str, Precondition] = {}


def _word(function: Precondition) -> Precondition:
    PRECONDITIONS[function.__name__.replace("_", "-")] = function
    return function


def _any(facts: Iterable[Any]) -> Answer:
    """Yes if one of them is so; else unknown: it may be where nobody looked."""
    return "yes" if any(facts) else "unknown"


def _of_stack(scene: Scene, stacks: Iterable[str]) -> Answer:
    """Whether the site runs on one of these."""
    if not scene.stack or scene.stack == "other":
        return "unknown"
    return "yes" if scene.stack in stacks else "no"


# What clients use.


@_word
def https(scene: Scene) -> Answer:
    """Users come by https, or something in front of the nodes says that they do."""
    declared = [*scene.topology.site.headers.items()]
    declared += [item for node in scene.topology.nodes for item in node.headers.items()]
    forwarded = any(name.lower() == "x-forwarded-proto" and value.lower() == "https" for name, value in declared)
    ends_tls = any(proxy.tls for proxy in scene.configs.proxies)
    if forwarded or ends_tls or any(url.startswith("https:") for url in scene.urls):
        return "yes"
    return "no" if scene.visits else "unknown"


@_word
def secure_or_withheld_cookie(scene: Scene) -> Answer:
    """A session cookie is marked Secure, or no session cookie was handed out at all."""
    cookies = scene.session_cookies
    if any(one.cookie.secure for one in scene.configs.session_cookies):
        return "yes"
    if not cookies:
        return "unknown"
    held_back = any(
        not visit.session_cookie and not visit.trouble and not visit.refused
        for replay in scene.all(Replay)
        for visit in replay.visits
    )
    return "yes" if held_back or any(cookie.secure for cookie in cookies) else "no"


@_word
def session(scene: Scene) -> Answer:
    """A session is handed out: in a cookie, a header or the URL."""
    site, visits = scene.topology.site, scene.visits
    carried = (scene.session_cookies, site.session_cookie, visits and visits.carrier in {"header", "url"})
    return _any((*carried, header_session(scene) == "yes"))


@_word
def session_cookie(scene: Scene) -> Answer:
    """The session travels in a cookie."""
    if scene.visits and scene.visits.carrier == "url":
        return "no"
    if scene.session_cookies or scene.topology.site.session_cookie:
        return "yes"
    return "no" if header_session(scene) == "yes" else "unknown"


@_word
def header_session(scene: Scene) -> Answer:
    """The session travels in a header that the client sends back."""
    if scene.visits and scene.visits.carrier == "header":
        return "yes"
    socket = scene.topology.site.flow.websocket
    sent = {name.lower() for step in scene.steps for name in step.headers}
    if sent & {"x-auth-token", "mcp-session-id"} or _bearer(scene) or (socket.path and socket.spoken == "mcp"):
        return "yes"
    return "no" if scene.session_cookies else "unknown"


@_word
def browser_refuses_cookie(scene: Scene) -> Answer:
    """A browser drops a session cookie of this site, or holds it back."""
    cookies = scene.session_cookies
    if not cookies:
        return "unknown"
    return "yes" if any(cookie.refused or cookie.withheld for cookie in cookies) else "no"


@_word
def login(scene: Scene) -> Answer:
    """Users log in."""
    return _any((scene.topology.site.flow.login, scene.topology.site.flow.logged_in, scene.all(Logins)))


@_word
def form(scene: Scene) -> Answer:
    """A page has a form with a token of its own."""
    extracts = any(step.extract for step in scene.topology.site.flow.login)
    return _any((scene.topology.site.flow.form, scene.all(Forms), extracts))


@_word
def cross_site(scene: Scene) -> Answer:
    """Users come back from another site."""
    return _any((scene.topology.site.cross_site, scene.all(CrossSiteVisits)))


@_word
def websocket(scene: Scene) -> Answer:
    """The application holds connections open."""
    socket = scene.topology.site.flow.websocket
    if socket.path and socket.spoken == "mcp":
        return "no"
    return _any((socket.path, *(one for one in scene.configs.settings if one.name.startswith("socket.io"))))


@_word
def several_hosts_or_schemes(scene: Scene) -> Answer:
    """The site has a second host or scheme, or a cookie that only the other scheme may carry."""
    origins = {tuple(url.split("/", 3)[:3]) for url in scene.urls if "://" in url}
    if len(origins) >= 2:
        return "yes"
    plain = bool(scene.visits) and not any(url.startswith("https:") for url in scene.urls)
    return "yes" if plain and any(cookie.secure for cookie in scene.session_cookies) else "unknown"


@_word
def parallel_updates(scene: Scene) -> Answer:
    """Parallel requests change one session, and what came of that can be counted."""
    return _any((scene.topology.site.flow.increment, scene.all(Updates)))


@_word
def signed_session(scene: Scene) -> Answer:
    """The session cookie, or what is in the session, is signed by a key of the application."""
    cookies = scene.session_cookies
    told = any(secret.use in {"session", "cookie-encryption"} for secret in scene.configs.secrets)
    signed = told or any(cookie.signed or cookie.holds_state for cookie in cookies)
    if signed or scene.stack in {"django", "rails", "laravel"}:
        return "yes"
    known = [cookie for cookie in cookies if cookie.product != "unknown"]
    return "no" if known and len(known) == len(cookies) else "unknown"


@_word
def token(scene: Scene) -> Answer:
    """Users carry a JSON Web Token, in a cookie or as a bearer, or the site issues them."""
    jwks = any(node.jwks for node in scene.topology.nodes)
    issued = bool(scene.all(Tokens)) or bool(scene.all(KeySets))
    if jwks or issued or _bearer(scene) or any(cookie.product == "jwt" for cookie in scene.session_cookies):
        return "yes"
    return "no" if scene.session_cookies else "unknown"


def _bearer(scene: Scene) -> bool:
    """Whether a step of the flow sends a bearer token (RFC 6750)."""
    return any(value.lower().startswith("bearer ") for step in scene.steps for value in step.headers.values())


@_word
def data_protection(scene: Scene) -> Answer:
    """Something is protected by ASP.NET Core Data Protection."""
    if scene.all(KeyRings) or any(cookie.key_id for cookie in scene.cookies):
        return "yes"
    if any(cookie.product.startswith("aspnetcore") for cookie in scene.cookies):
        return "yes"
    return "no" if scene.session_cookies else _of_stack(scene, {"aspnetcore"})


@_word
def machine_key(scene: Scene) -> Answer:
    """The application runs on ASP.NET, whose machineKey protects tickets and view state."""
    told = scene.configs.secrets
    if any(cookie.product == "aspnet" for cookie in scene.cookies) or any(one.stack == "aspnet" for one in told):
        return "yes"
    return "no" if told else _of_stack(scene, {"aspnet"})


# Nodes and balancers.


@_word
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
    return _any(() if in_cookie or in_database else (scene.gathered.pieces,))


@_word
def several_nodes(scene: Scene) -> Answer:
    """Two nodes serve the site."""
    if len(scene.nodes) >= 2 or scene.configs.has_several_nodes():
        return "yes"
    servers = [len(status.servers) for status in scene.all(BalancerStatus)]
    if any(count >= 2 for count in servers):
        return "yes"
    return "no" if servers else "unknown"


@_word
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


@_word
def workers(scene: Scene) -> Answer:
    """Several processes answer at the address of one node."""
    undecided = any(same_node.undecided for same_node in scene.all(SameNode))
    counts = [workload.workers for workload in scene.configs.workloads if workload.workers is not None]
    if undecided or any(count >= 2 for count in counts):
        return "yes"
    return "no" if counts else "unknown"


@_word
def several_applications(scene: Scene) -> Answer:
    """Several applications answer for the site: at further URLs, or as services of one host."""
    services = {node.service for node in scene.topology.nodes}
    tried = any(entry_points.of("url") for entry_points in scene.all(EntryPoints))
    return _any((scene.topology.site.urls, len(services) >= 2, tried))


@_word
def fleeting_instances(scene: Scene) -> Answer:
    """Instances of the application end by themselves: functions, autoscaled containers."""
    fleeting = (one.autoscaled or one.kind in FLEETING for one in scene.configs.workloads)
    gone = (volume.kind == "ephemeral" for volume in scene.configs.volumes)
    return _any((*fleeting, *gone))


@_word
def affinity_cookie(scene: Scene) -> Answer:
    """The balancer keeps clients by a cookie."""
    declared = any(balancer.affinity_cookie for balancer in scene.topology.load_balancers)
    declared |= any(affinity.by == "cookie" for affinity in scene.configs.affinities)
    of_balancer = any(status.affinity_cookie for status in scene.all(BalancerStatus))
    if declared or of_balancer or any(visits.affinity_cookies for visits in scene.all(Visits)):
        return "yes"
    said = [status.keeping for status in scene.all(BalancerStatus)]
    return "no" if said and all(keeping in {"none", "address"} for keeping in said) else "unknown"


@_word
def no_affinity_cookie(scene: Scene) -> Answer:
    """No balancer in front of the nodes sets a cookie to keep clients by; a route in a session id is not one."""
    visits = scene.visits
    if not visits:
        return "unknown"
    return "no" if any(cookie.role == "affinity" for cookie in visits.cookies) else "yes"


@_word
def address_affinity(scene: Scene) -> Answer:
    """The balancer keeps clients by their address."""
    said = [status.keeping for status in scene.all(BalancerStatus)]
    if "address" in said or any(affinity.by == "address" for affinity in scene.configs.affinities):
        return "yes"
    return "no" if said and all(keeping in {"none", "cookie"} for keeping in said) else "unknown"


@_word
def several_balancers(scene: Scene) -> Answer:
    """Clients pass one of several balancers, or several of them one after the other."""
    several = len(scene.topology.load_balancers) >= 2 or scene.configs.has_several_balancers()
    if several or several_addresses(scene) == "yes":
        return "yes"
    return "unknown"


@_word
def several_addresses(scene: Scene) -> Answer:
    """The site's name has several addresses."""
    declared = {address for addresses in scene.topology.site.resolve.values() for address in addresses}
    addresses = {a for names in scene.all(Names) for answer in names.answers for a in (*answer.ipv4, *answer.ipv6)}
    tried = [entry_test for entry_points in scene.all(EntryPoints) for entry_test in entry_points.of("address")]
    if len(declared) >= 2 or len(addresses) >= 2 or tried:
        return "yes"
    return "no" if addresses else "unknown"


@_word
def both_address_families(scene: Scene) -> Answer:
    """The site's name has IPv4 and IPv6 addresses."""
    declared = {address for addresses in scene.topology.site.resolve.values() for address in addresses}
    answers = [answer for names in scene.all(Names) for answer in names.answers]
    six = any(answer.ipv6 for answer in answers) or any(":" in address for address in declared)
    four = any(answer.ipv4 for answer in answers) or any(":" not in address for address in declared)
    if six and four:
        return "yes"
    return "no" if answers else "unknown"


# Stores and replication.


@_word
def store(scene: Scene) -> Answer:
    """Sessions are kept outside the nodes."""
    topology = scene.topology
    told = any(node.store_url or node.store not in {"", "none"} for node in topology.nodes)
    if told or topology.mode() == "external" or scene.configs.keeps_sessions_outside():
        return "yes"
    own_memory = bool(topology.nodes) and all(node.store == "none" for node in topology.nodes)
    inside = topology.site.mode in {"sticky", "replicated", "client-side"}
    return "no" if own_memory or inside else "unknown"


@_word
def memcached(scene: Scene) -> Answer:
    """Sessions are kept in memcached."""
    kinds: set[str] = {one.kind for one in scene.topology.stores}
    kinds |= {one.place for one in scene.configs.kept_sessions()} & {"redis", "memcached", "sql"}
    kinds |= {"memcached" for node in scene.topology.nodes if node.store_url.reveal().startswith("memcached:")}
    if "memcached" in kinds:
        return "yes"
    return "no" if kinds or store(scene) == "no" else "unknown"


@_word
def replica(scene: Scene) -> Answer:
    """The store has a copy that nodes may read from."""
    stores, servers = scene.topology.stores, scene.all(RedisServer)
    if any(one.replicas for one in stores) or scene.all(Replicas) or any(map(_replicates, servers)):
        return "yes"
    alone = len(servers) == len(stores) > 0
    return "no" if alone or store(scene) == "no" else "unknown"


def _replicates(server: RedisServer) -> bool:
    """Whether a Redis is a replica, or has one."""
    return server.role in {"slave", "replica"} or server.replication.replicas > 0


@_word
def replication(scene: Scene) -> Answer:
    """The nodes copy sessions to each other."""
    if scene.topology.site.mode == "replicated" or any(node.member for node in scene.topology.nodes):
        return "yes"
    return "no" if _of_stack(scene, JVM) == "no" else "unknown"
