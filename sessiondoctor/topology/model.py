"""The topology: what the user says about the site. The same names as in the YAML file.

Plain frozen dataclasses, so that a scan of a bare URL needs no validation library. The loader
(`sessiondoctor.topology.loader`) checks a file against these very classes: a field added here is a key
of the file, its type is the check, its entry under `Attributes` is the description in the JSON Schema.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Annotated, ClassVar, Literal

from sessiondoctor.topology.scalars import (
    Address,
    Command,
    CookieName,
    DnsServer,
    Duration,
    File,
    Folder,
    HeaderName,
    HeaderValue,
    Host,
    HttpVersion,
    ManagementUrl,
    Name,
    NtpServer,
    OneOrMore,
    OrOneName,
    ProxyUrl,
    RuntimeUrl,
    StatsUrl,
    StoreUrl,
    Table,
    Variable,
    WebUrl,
    Workers,
)
from sessiondoctor.topology.secret import Secret
from sessiondoctor.topology.steps import Flow

Mode = Literal["sticky", "replicated", "external", "client-side", "auto"]
Stack = Literal[
    "tomcat", "spring", "express", "aspnetcore", "aspnet", "django", "flask", "rails", "laravel", "php",
    "wildfly", "weblogic", "websphere", "jetty", "coldfusion", "hazelcast", "other",
]  # fmt: skip
JVM = frozenset({"tomcat", "spring", "wildfly", "weblogic", "websphere", "jetty", "coldfusion", "hazelcast"})
"""Stacks that run on Java: what is recognised as one of them may be another."""
BalancerKind = Literal[
    "nginx", "haproxy", "apache", "mod_jk", "caddy", "traefik", "envoy", "aws-alb", "aws-clb", "azure", "gclb",
    "f5", "citrix", "k8s-ingress", "varnish", "cdn", "cloudflare", "cloudfront", "fastly", "akamai", "other",
]  # fmt: skip
ManagementKind = Literal["tomcat", "jolokia", "hazelcast", "wildfly", "keycloak"]
StoreKind = Literal["redis", "memcached", "sql", "files", "hazelcast"]
Symptom = Literal[
    "logged-out-at-random", "logged-out-after-idle", "logged-out-after-fixed-time", "logged-out-at-deploy",
    "logged-out-at-node-loss", "logged-out-all-at-once", "login-loop", "state-lost", "state-stale", "state-flaps",
    "csrf-error", "other-users-data", "server-errors", "big-session-lost", "websocket-drops", "only-some-paths",
    "only-some-networks", "slow",
]  # fmt: skip


NOT_A_KEY = {"key": False}
"""Metadata of a field that the loader fills: no key of the file."""


@dataclass(frozen=True, slots=True)
class SessionHeader:
    """The header that a session travels in, where it is no cookie.

    Attributes:
        response: the header by which a response hands out a session.
        request: the header by which a client sends it back; by default the same.
    """

    response: HeaderName = ""
    request: HeaderName = ""


HeaderNames = Annotated[SessionHeader, OrOneName()]


@dataclass(frozen=True, slots=True, kw_only=True)
class CrossSite:
    """A place on another site from which the user comes back.

    Attributes:
        from_: the other site's URL.
        kind: whether the browser comes back with a POST, inside a frame, or with a script's request.
    """

    __pydantic_config__: ClassVar[dict[str, object]] = {"alias_generator": lambda name: name.rstrip("_")}

    from_: WebUrl
    kind: Literal["post", "iframe", "fetch"]


@dataclass(frozen=True, slots=True)
class Site:
    """The public entry, through CDN and load balancer.

    Attributes:
        url: the URL that users open.
        urls: other public entries.
        resolve: addresses by host name, as with curl --resolve; else dns.resolvers, else the system decides.
        ca: PEM file of the authorities to trust.
        insecure: accept every certificate, of nodes too; send passwords of status pages in the clear, too.
        client_cert: PEM file of our own certificate, for a site that asks for one; shown to nodes, too.
        client_key: PEM file of its key, unless that is in the same file.
        http: the version of HTTP to speak; else what TLS agrees on. 1.1 holds for nodes, too.
        proxy: through which proxy all HTTP goes: http, https, socks5; else as HTTP_PROXY, HTTPS_PROXY, ALL_PROXY and
            NO_PROXY say.
        headers: sent with every request.
        sources: local addresses to connect from, for affinity by client address.
        cross_site: other sites that the user comes back from.
        stack: what the application runs on; else recognised.
        product: the name of the product's page, as `list products` has it; else recognised.
        session_cookie: the name of the session cookie; else recognised.
        session_header: the header that a session travels in, such as Mcp-Session-Id, or its names in responses and
            requests; else recognised.
        url_sessions: whether a session travels in URLs, as `;jsessionid=`; else recognised.
        mode: how the nodes are meant to share sessions.
        idle_timeout: how long a session lives without a request.
        config: configuration files that are nobody's in particular: manifests, compose files, a chart's values.
        flow: how to put state in a session and see it again.
    """

    url: WebUrl
    urls: OneOrMore[WebUrl] = ()
    resolve: dict[Host, OneOrMore[Address]] = field(default_factory=dict)
    ca: File = ""
    insecure: bool = False
    client_cert: File = ""
    client_key: File = ""
    http: HttpVersion | None = None
    proxy: ProxyUrl = Secret("")
    headers: dict[HeaderName, HeaderValue] = field(default_factory=dict, repr=False)
    sources: OneOrMore[Address] = ()
    cross_site: tuple[CrossSite, ...] = ()
    stack: Stack | None = None
    product: str = ""
    session_cookie: CookieName = ""
    session_header: HeaderNames = field(default_factory=SessionHeader)
    url_sessions: bool | None = None
    mode: Mode = "auto"
    idle_timeout: Duration | None = None
    config: OneOrMore[File] = ()
    flow: Flow = field(default_factory=Flow)


@dataclass(frozen=True, slots=True)
class Balancer:
    """A load balancer or CDN. Two without `behind` are peers.

    Attributes:
        name: what the report calls it.
        kind: the product.
        behind: the name of the balancer or CDN in front of this one.
        url: this balancer itself, past what is in front of it.
        affinity_cookie: the name of the cookie it keeps users on a node with; else recognised.
        config: its configuration files.
        stats: where it shows its state: HAProxy's page or Unix socket, /balancer-manager, jk status, an admin API.
        runtime: HAProxy's runtime API, level admin: unix:/run/haproxy.sock or tcp://10.0.0.5:9999; `drill` alone uses
            it.
        logs: its access logs.
    """

    name: Name
    kind: BalancerKind = "other"
    behind: str = ""
    url: WebUrl = ""
    affinity_cookie: CookieName = ""
    config: OneOrMore[File] = ()
    stats: StatsUrl = Secret("")
    runtime: RuntimeUrl = ""
    logs: OneOrMore[File] = ()


@dataclass(frozen=True, slots=True)
class Management:
    """Where a node tells what it knows of its cluster and its sessions; it is only read.

    Attributes:
        kind: who answers there: Tomcat's JMX proxy, Jolokia, Hazelcast's REST API, WildFly's management API,
            Keycloak's metrics.
        url: its address, with user and password if it asks for them.
    """

    kind: ManagementKind
    url: ManagementUrl


@dataclass(frozen=True, slots=True)
class Node:
    """One instance of the application.

    Attributes:
        name: what the report calls it.
        url: this node itself, past the balancers.
        service: sets nodes of different services on one host apart; only nodes of one service are compared.
        headers: sent with direct requests, such as Host and X-Forwarded-Proto.
        ca: PEM file of the authorities to trust in direct requests.
        route: how cookies name this node: jvmRoute, CloneID, the balancer's server cookie.
        store: the name of the store it uses; `none` for its own memory.
        store_url: the store's URL as this node is told it; compared between nodes.
        keys: the pattern of its keys in the store as this node is told it; compared between nodes.
        member: its address in the in-memory cluster.
        ntp: host:port to ask its clock by NTP.
        config: its configuration files.
        logs: its logs.
        secret_env: the variable of sessiondoctor's own environment with this node's signing secret; never shown.
        key_ring: folder with the XML files of its ASP.NET Core Data Protection keys.
        jwks: URL of its JSON Web Key Set.
        workers: how many processes serve it, which may share no memory.
        drain: the command that takes it out of the balancer and lets its users finish; run by `drill` alone.
        stop: the command that ends it; run by `drill` alone.
        start: the command that puts it back after `drain` and `stop`.
        management: where it tells what it knows of its cluster and its sessions.
    """

    name: Name
    url: WebUrl = ""
    service: str = ""
    headers: dict[HeaderName, HeaderValue] = field(default_factory=dict, repr=False)
    ca: File = ""
    route: str = ""
    store: str = ""
    store_url: StoreUrl = Secret("")
    keys: str = ""
    member: str = ""
    ntp: NtpServer = ""
    config: OneOrMore[File] = ()
    logs: OneOrMore[File] = ()
    secret_env: Variable = ""
    key_ring: Folder = ""
    jwks: WebUrl = ""
    workers: Workers | None = None
    drain: Command = field(default="", repr=False)
    stop: Command = field(default="", repr=False)
    start: Command = field(default="", repr=False)
    management: Management | None = None


@dataclass(frozen=True, slots=True)
class Store:
    """Where sessions live outside the nodes.

    Attributes:
        name: what the report calls it.
        kind: the kind of store.
        url: one URL or an ordered list: redis:// rediss:// redis+sentinel://h:p,h:p/name/0 redis+cluster:// unix:
            memcached://h:p postgresql:// mysql:// mariadb:// sqlite:////file file:///folder; sqlite:///file and
            file:folder are relative to this file.
        table: the table of sessions, for sql.
        keys: the pattern of session keys; else recognised from known layouts.
        replicas: URLs of read replicas.
        config: its configuration files.
    """

    name: Name
    kind: StoreKind
    url: OneOrMore[StoreUrl] = ()
    table: Table = ""
    keys: str = ""
    replicas: OneOrMore[StoreUrl] = ()
    config: OneOrMore[File] = ()


@dataclass(frozen=True, slots=True)
class Dns:
    """The name to resolve and who to ask.

    Attributes:
        name: the site's host name.
        resolvers: DNS servers to ask, as address:port.
    """

    name: Host = ""
    resolvers: OneOrMore[DnsServer] = ()


@dataclass(frozen=True, slots=True)
class Time:
    """The reference clock.

    Attributes:
        servers: NTP servers, as host:port.
    """

    servers: OneOrMore[NtpServer] = ()


Path = tuple[str | int, ...]
"""Where something stands in the file: keys and indexes, such as ("nodes", 0, "url")."""


@dataclass(frozen=True, slots=True)
class Configured:
    """A setting that a configuration file tells.

    `declared`: what the topology says instead, which counts; empty where it leaves the setting open.
    """

    path: Path = field(metadata=NOT_A_KEY)
    value: str = field(metadata=NOT_A_KEY)
    file: str = field(metadata=NOT_A_KEY)
    line: int = field(metadata=NOT_A_KEY)
    declared: str = field(default="", metadata=NOT_A_KEY)

    @property
    def key(self) -> str:
        """The setting as people write it: `site.idle_timeout`."""
        return "".join(f"[{word}]" if isinstance(word, int) else f".{word}" for word in self.path).lstrip(".")


@dataclass(frozen=True, slots=True)
class Topology:
    """Everything the user told us.

    Attributes:
        site: the public entry, through CDN and load balancer.
        version: of this format.
        symptoms: what users complain about.
        load_balancers: load balancers and CDNs. Two without `behind` are peers.
        nodes: the instances of the application.
        stores: where sessions live outside the nodes.
        dns: the name to resolve and who to ask.
        time: the reference clock.
        file: as the user named it; empty for a bare URL.
        lines: the 1-based line of each path of keys, such as ("nodes", 0, "url"). The item of a list that is written
            as its only item has index 0, too.
        environment: what `${NAME}` stood for, wherever it stood.
        asked_url: the URL of the command line, where it leads to another, which is that of the site.
        configured: what configuration files say, filled in where this file does not say it.
    """

    site: Site
    version: Literal[1] = 1
    symptoms: OneOrMore[Symptom] = ()
    load_balancers: tuple[Balancer, ...] = ()
    nodes: tuple[Node, ...] = ()
    stores: tuple[Store, ...] = ()
    dns: Dns = field(default_factory=Dns)
    time: Time = field(default_factory=Time)
    file: str = field(default="", metadata=NOT_A_KEY)
    lines: dict[tuple[str | int, ...], int] = field(default_factory=dict, repr=False, metadata=NOT_A_KEY)
    environment: frozenset[Secret] = field(default=frozenset(), repr=False, metadata=NOT_A_KEY)
    asked_url: str = field(default="", repr=False, metadata=NOT_A_KEY)
    configured: tuple[Configured, ...] = field(default=(), repr=False, metadata=NOT_A_KEY)

    @property
    def processes(self) -> int:
        """How many processes serve the site, as far as declared; 0 without nodes."""
        return sum(node.workers or 1 for node in self.nodes)

    @property
    def target(self) -> str:
        """What the user named on the command line: the file, else the URL, without what its query says."""
        return self.file or _without_values(self.asked_url or self.site.url)

    @property
    def scanned_url(self) -> str:
        """The URL that is scanned, without its query, where that is not the one that the user named."""
        return self.site.url.partition("?")[0] if self.asked_url else ""

    def line(self, *path: str | int) -> int:
        """The line of the deepest declared ancestor of a path such as ("nodes", 1, "url"); 0 without a file."""
        while path and path not in self.lines:
            path = path[:-1]
        return self.lines.get(path, 0)

    def may_need_affinity(self) -> bool:
        """Whether sessions may live in the nodes, so that losing a node or a way to it loses them."""
        return self.mode() in {"sticky", "unknown"}

    def mode(self) -> Literal["sticky", "replicated", "external", "client-side", "unknown"]:
        """How state is meant to be shared: as declared, else external where a store is declared, else unknown."""
        if self.site.mode != "auto":
            return self.site.mode
        return "external" if self.stores else "unknown"


def _without_values(url: str) -> str:
    return re.sub(r"=[^&#]+", "=***", url)


def bare(url: str) -> Topology:
    """The topology of a URL with nothing else known."""
    return Topology(site=Site(url=url))


def nowhere() -> Topology:
    """The topology of files alone: no site is known, and nothing can be asked."""
    return bare("")
