"""From facts of configuration to the components of a topology file."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import replace
from pathlib import PurePath
from typing import TYPE_CHECKING, get_args

from sessiondoctor.configs.recognition import room_of
from sessiondoctor.drafting.parts import NOTHING, BalancerPart, Components, NodePart, SitePart, StorePart, Told
from sessiondoctor.drafting.stores import place_of, stores_of
from sessiondoctor.topology.model import BalancerKind, Stack

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from sessiondoctor.evidence.configs.application import StorePlace
    from sessiondoctor.evidence.configs.balancing import Affinity, Pool, PoolServer, Proxy
    from sessiondoctor.evidence.configs.fact import Fact
    from sessiondoctor.evidence.configs.files import ConfigFile, Configs
    from sessiondoctor.evidence.location import Location

    Shown = Callable[[str], str]

MOST_NODES = 50
_STATIC = re.compile(r"static|assets?|images?|media|cdn", re.IGNORECASE)
_ADDRESS = re.compile(r"(?:https?://|ajp://)?(\[[0-9A-Fa-f:]+\]|[A-Za-z0-9.-]{1,253})(?::([0-9]{1,5}))?/?")
_HOST = re.compile(r"(?=.*[A-Za-z])[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+")
_KINDS = {"ingress-nginx": "k8s-ingress", "kubernetes": "k8s-ingress", "mod-jk": "mod_jk", "tengine": "nginx"}
_INGRESS = {"ingress-nginx", "nginx-ingress", "haproxy-ingress", "contour", "k8s-ingress"}
_MODES: dict[StorePlace, str] = {
    "redis": "external", "memcached": "external", "sql": "external", "cluster": "replicated", "cookie": "client-side",
}  # fmt: skip
_LAST_PORT = 65535


def of_configs(configs: Configs, shown: Shown) -> Components:
    """What files say of balancers, nodes, stores and the site. `shown`: a file's path as the topology file has it."""
    nodes = tuple(_nodes(configs))
    named = {file.name: _node_of(file, nodes) for file in configs.files}
    nodes = _with_owned(nodes, configs, named, shown)
    stores = stores_of(configs, shown)
    balancers = tuple(_balancers(configs, shown))
    parts: tuple[NodePart | StorePart | BalancerPart, ...] = (*nodes, *stores, *balancers)
    taken = {path for part in parts for path in part.config}
    rest = tuple(shown(file.name) for file in configs.files if file.format and shown(file.name) not in taken)
    unread = tuple(shown(file.name) for file in configs.files if not file.format)
    return Components(_site(configs, rest), balancers, nodes, stores, unread)


def by_line(at: Location | None) -> str:
    """Where a fact stands."""
    return f"{at.file}:{at.line}" if at else ""


def _balancers(configs: Configs, shown: Shown) -> Iterator[BalancerPart]:
    """One of each owner whose files are a balancer's; one of the controller that manifests are for."""
    owned: dict[str, list[ConfigFile]] = {}
    for file in configs.files:
        if file.format and room_of(file.format) in {"balancers", "clouds"}:
            owned.setdefault(_owner(file), []).append(file)
    for owner, files in owned.items():
        cookie = _affinity_cookie(configs, [file.name for file in files])
        paths = tuple(shown(file.name) for file in files)
        yield BalancerPart(_clean(owner), _kind(configs, files), cookie, paths)
    if not owned and (part := _ingress(configs)):
        yield part


def _kind(configs: Configs, files: list[ConfigFile]) -> str:
    names = {file.name for file in files}
    facts: tuple[Affinity | Pool | Proxy, ...] = (*configs.affinities, *configs.pools, *configs.proxies)
    products = [fact.product for fact in facts if fact.at.file in names]
    words = (*products, *(file.format for file in files))
    known = (_KINDS.get(word, word) for word in words)
    return next((word for word in known if word in get_args(BalancerKind)), "other")


def _ingress(configs: Configs) -> BalancerPart | None:
    facts: tuple[Affinity | Proxy, ...] = (*configs.affinities, *configs.proxies)
    of_manifests = [fact for fact in facts if fact.format in {"kubernetes", "helm"}]
    if not of_manifests:
        return None
    products = [fact.product for fact in of_manifests]
    told = next((word for word in products if word in get_args(BalancerKind)), "k8s-ingress")
    kind = "k8s-ingress" if set(products) & _INGRESS else told
    return BalancerPart("ingress", kind, _affinity_cookie(configs, [fact.at.file for fact in of_manifests]))


def _affinity_cookie(configs: Configs, files: Iterable[str]) -> Told:
    known = set(files)
    found = (one for one in configs.affinities if one.at.file in known and one.by == "cookie" and one.cookie)
    named = (Told(one.cookie.name, by_line(one.at)) for one in found if one.cookie and _is_cookie(one.cookie.name))
    return next(named, NOTHING)


def _is_cookie(name: str) -> bool:
    return re.fullmatch(r"[\w!#$%&'*+.^`|~-]{1,100}", name) is not None


def _owner(file: ConfigFile) -> str:
    """What to call whoever has this file: as the user named it, else the file's product."""
    return file.owner if file.owner != file.name else {"mod-jk": "mod_jk"}.get(file.format, file.format)


def _nodes(configs: Configs) -> Iterator[NodePart]:
    """The servers of all pools, each address once; those that serve files alone are none."""
    pools = [pool for pool in configs.pools if not _STATIC.search(pool.name)]
    taken: set[str] = set()
    for pool, server in [(one, server) for one in pools for server in one.servers]:
        address, tls = _address(server)
        if address and address not in taken and server.role != "disabled" and len(taken) < MOST_NODES:
            taken.add(address)
            yield _node(pool, server, address, len(taken), tls=tls)


def _node(pool: Pool, server: PoolServer, address: str, number: int, *, tls: bool) -> NodePart:
    host = address.rpartition(":")[0]
    own = server.name if server.name and _address_of(server.name) != address else ""
    name = _clean(own) or (f"app{number}" if is_reachable(host) else _clean(host))
    by = by_line(server.at or pool.at)
    return NodePart(
        name, Told(address, by), is_reachable(host), tls, Told(server.route, by) if server.route else NOTHING
    )


def _address(server: PoolServer) -> tuple[str, bool]:
    """host:port of a server that is asked over TCP, and whether over TLS."""
    text = server.address or server.name
    return _address_of(text), text.startswith("https://")


def _address_of(text: str) -> str:
    found = _ADDRESS.fullmatch(text)
    if not found or not 0 < int(found[2] or 80) <= _LAST_PORT or text.startswith("ajp://"):
        return ""
    return f"{found[1]}:{found[2] or (443 if text.startswith('https://') else 80)}"


def is_reachable(host: str) -> bool:
    """Whether a name may be known outside of the network of containers in which a file has it."""
    return "." in host or ":" in host or host == "localhost"


def _node_of(file: ConfigFile, nodes: Iterable[NodePart]) -> str:
    """Whose file this is: as the user named it, else a node whose name is a folder or the beginning of its name."""
    if file.owner != file.name:
        return file.owner
    path = PurePath(file.name.replace("\\", "/"))
    words = {*path.parts[:-1], *re.split(r"[._-]", path.name), path.stem}
    return next((node.name for node in nodes if node.name in words), "")


def _with_owned(
    nodes: tuple[NodePart, ...], configs: Configs, named: dict[str, str], shown: Shown
) -> tuple[NodePart, ...]:
    """The nodes with the files that are theirs; names that the user gave to files of applications are nodes, too."""
    found = {node.name: node for node in nodes}
    for file in configs.files:
        owner = named[file.name]
        of_node = file.format and (room_of(file.format) == "applications" or file.format == "env")
        if not owner or not of_node:
            continue
        node = found.get(_clean(owner), NodePart(_clean(owner)))
        found[node.name] = replace(node, config=(*node.config, shown(file.name)))
    files = {name: [file.name for file in configs.files if _clean(named[file.name]) == name] for name in found}
    return tuple(_told_by(node, configs, files[node.name]) for node in found.values())


def _told_by(node: NodePart, configs: Configs, files: list[str]) -> NodePart:
    """A node with its route and its store, as its own files say."""
    route = next((one for one in configs.routes if one.at.file in files and one.route), None)
    place = place_of([one for one in configs.session_stores if one.at.file in files])
    told = Told(route.route, by_line(route.at)) if route else node.route
    return replace(node, route=told, store_place=place)


def _site(configs: Configs, config: tuple[str, ...]) -> SitePart:
    idle = next(iter(configs.session_idles), None)
    life = Told(duration(idle.seconds), by_line(idle.at)) if idle and idle.seconds >= 1 else NOTHING
    return SitePart(_url(configs), _stack(configs), _session_cookie(configs), _mode(configs), life, config)


def duration(seconds: float) -> str:
    """As the topology file writes it: `30m`."""
    whole = round(seconds)
    unit, size = next((unit, size) for unit, size in (("h", 3600), ("m", 60), ("s", 1)) if whole % size == 0)
    return f"{whole // size}{unit}"


def _url(configs: Configs) -> Told:
    """The first host name for which a balancer passes requests on."""
    hosts = ((proxy.host, proxy) for proxy in configs.proxies if _HOST.fullmatch(proxy.host))
    host, proxy = next(hosts, ("", None))
    scheme = "http" if proxy and proxy.tls is False else "https"
    return Told(f"{scheme}://{host.lower()}/", by_line(proxy.at)) if proxy else NOTHING


def _stack(configs: Configs) -> Told:
    kinds: tuple[tuple[Fact, ...], ...] = (
        configs.session_stores, configs.session_cookies, configs.secrets, configs.session_idles, configs.proxy_trusts,
        configs.routes, configs.settings,
    )  # fmt: skip
    told = [(getattr(fact, "stack", ""), fact) for facts in kinds for fact in facts]
    counted = Counter(stack for stack, _ in told if stack in get_args(Stack))
    if not counted:
        return NOTHING
    stack = counted.most_common(1)[0][0]
    return Told(stack, by_line(next(fact.at for word, fact in told if word == stack)))


def _session_cookie(configs: Configs) -> Told:
    found = (Told(one.cookie.name, by_line(one.at)) for one in configs.session_cookies if _is_cookie(one.cookie.name))
    return next(found, NOTHING)


def _mode(configs: Configs) -> Told:
    """How nodes share sessions, where a file says so; a store of unknown use leaves it open."""
    places = {one.place: one for one in configs.session_stores if one.role == "session"}
    for place, mode in _MODES.items():
        if place in places:
            return Told(mode, by_line(places[place].at))
    if any(one.place not in {"memory", "files"} for one in configs.session_stores):
        return NOTHING
    kept = next((one for one in configs.affinities if one.by not in {"nothing", "url"}), None)
    return Told("sticky", by_line(kept.at)) if kept else NOTHING


def _clean(name: str) -> str:
    """A name that a topology file may have."""
    word = "".join(letter if letter.isprintable() else " " for letter in name).strip()
    return word[:60].strip()
