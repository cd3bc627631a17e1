"""Where sessions are kept."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sessiondoctor.diagnosis.preconditions.word import Answer, of_stack, word
from sessiondoctor.evidence.stores.redis_server import RedisServer
from sessiondoctor.evidence.stores.replicas import Replicas
from sessiondoctor.topology.model import JVM

if TYPE_CHECKING:
    from sessiondoctor.diagnosis.scene import Scene


@word
def store(scene: Scene) -> Answer:
    """Sessions are kept outside the nodes."""
    topology = scene.topology
    told = any(node.store_url or node.store not in {"", "none"} for node in topology.nodes)
    if told or _read_from_a_store(scene) or scene.configs.keeps_sessions_outside():
        return "yes"
    own_memory = bool(topology.nodes) and all(node.store == "none" for node in topology.nodes)
    inside = topology.site.mode in {"sticky", "replicated", "client-side"}
    return "no" if own_memory or inside else "unknown"


def _read_from_a_store(scene: Scene) -> bool:
    """Whether nodes know each other's sessions, and neither the cookie nor a copy among themselves explains it."""
    in_cookie = any(cookie.holds_state for cookie in scene.session_cookies)
    return "external" in scene.modes and not in_cookie and scene.stack not in JVM


@word
def memcached(scene: Scene) -> Answer:
    """Sessions are kept in memcached."""
    kinds: set[str] = {one.kind for one in scene.topology.stores}
    kinds |= {one.place for one in scene.configs.kept_sessions()} & {"redis", "memcached", "sql"}
    kinds |= {"memcached" for node in scene.topology.nodes if node.store_url.reveal().startswith("memcached:")}
    if "memcached" in kinds:
        return "yes"
    return "no" if kinds or store(scene) == "no" else "unknown"


@word
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


@word
def replication(scene: Scene) -> Answer:
    """The nodes copy sessions to each other."""
    if scene.topology.site.mode == "replicated" or any(node.member for node in scene.topology.nodes):
        return "yes"
    return "no" if of_stack(scene, JVM) == "no" else "unknown"
