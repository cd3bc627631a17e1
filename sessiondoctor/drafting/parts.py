"""What is known of a site before anybody has described it."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Told:
    """A value for the topology file, and who says so: `haproxy.cfg:31`, `the visit`."""

    value: str = ""
    by: str = ""

    def __bool__(self) -> bool:
        return bool(self.value)


NOTHING = Told()


@dataclass(frozen=True, slots=True)
class BalancerPart:
    """One entry of `load_balancers`; `config`: paths as they stand in the file."""

    name: str
    kind: str = "other"
    affinity_cookie: Told = NOTHING
    config: tuple[str, ...] = ()
    stats: Told = NOTHING


@dataclass(frozen=True, slots=True)
class NodePart:
    """One entry of `nodes`.

    Attributes:
        address: host:port as the balancer has it; `reachable`: it is no name that only the balancer's network knows.
        store_place: where its own files say that its sessions are, such as redis://10.0.0.9:6379/0, without password.
    """

    name: str
    address: Told = NOTHING
    reachable: bool = True
    tls: bool = False
    route: Told = NOTHING
    store_place: Told = NOTHING
    config: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class StorePart:
    """One entry of `stores`.

    Attributes:
        url: without user and password; empty where no file says.
        password: the variable that stands for the password, if a file has one; `reachable` as of a node.
    """

    name: str
    kind: str
    url: Told = NOTHING
    password: str = ""
    reachable: bool = True
    keys: Told = NOTHING
    config: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SitePart:
    """What files say of the site itself; `config`: files that are nobody's in particular."""

    url: Told = NOTHING
    stack: Told = NOTHING
    session_cookie: Told = NOTHING
    mode: Told = NOTHING
    idle_timeout: Told = NOTHING
    config: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Components:
    """All of it."""

    site: SitePart = field(default_factory=SitePart)
    balancers: tuple[BalancerPart, ...] = ()
    nodes: tuple[NodePart, ...] = ()
    stores: tuple[StorePart, ...] = ()
    unread: tuple[str, ...] = ()
