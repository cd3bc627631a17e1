"""What configuration says about applications and their stores: cookies, sessions, secrets, clusters."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from sessiondoctor.evidence.configs.fact import CookieRule, Fact
from sessiondoctor.evidence.location import Location


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionCookie(Fact):
    """The application's session cookie, as configured. `rolling`: renewed with each response."""

    cookie: CookieRule
    stack: str = ""
    rolling: bool | None = None


StoreRole = Literal["session", "cache", "queue", "unknown"]
StorePlace = Literal["memory", "files", "redis", "memcached", "sql", "cookie", "cluster", "other"]


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionStore(Fact):
    """Where an application keeps its sessions.

    Attributes:
        place: `memory` of one process, `files` of one host, `cluster` for an in-memory grid, `cookie` for the client.
        endpoint: host:port without credentials, a folder, or a socket's path.
        database, prefix, serializer: as written.
        ttl_s: the life it gives a session; None if the file does not say. `sliding`: renewed by use.
        default: nothing is said, and this is what the product does then.
        role: what it is for, as far as the file says; a bare REDIS_URL is of `unknown` use.
    """

    place: StorePlace
    endpoint: str = ""
    database: str = ""
    prefix: str | None = None
    serializer: str = ""
    ttl_s: float | None = None
    sliding: bool | None = None
    default: bool = False
    role: StoreRole = "session"
    stack: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionIdle(Fact):
    """How long a session lives without a request, by one setting (`setting`)."""

    seconds: float
    setting: str = ""
    stack: str = ""


SecretUse = Literal["session", "data-protection", "csrf", "token", "view-state", "cookie-encryption", "other"]
SecretOrigin = Literal["literal", "environment", "file", "made-at-start", "absent"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Secret(Fact):
    """A secret that signs or encrypts what clients hold.

    Attributes:
        use: what it protects.
        origin: where it comes from; `made-at-start` for a random one, `absent` if none is set and the product makes
            one or refuses to start.
        variable: name of the setting or environment variable.
        print: salted fingerprint of a literal (`Source.fingerprint`), comparable within one run; never the value.
        fallback: origin of what is used if the first is missing, such as `made-at-start` in `X or os.urandom(24)`.
    """

    use: SecretUse
    origin: SecretOrigin
    variable: str = ""
    print: str = ""
    fallback: SecretOrigin | Literal[""] = ""
    stack: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ProxyTrust(Fact):
    """Whether the application believes X-Forwarded-* of its proxy (trust proxy, RemoteIpValve, ProxyFix ...)."""

    trusts: bool
    setting: str = ""
    stack: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Route(Fact):
    """The name by which a node ends its session ids: jvmRoute, CloneID, instanceId.

    `route` is empty where the place for it was seen and has none.
    """

    route: str
    setting: str = "jvmRoute"
    stack: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Manager(Fact):
    """A session manager or an in-memory cluster of the application.

    Attributes:
        product: tomcat-delta, tomcat-backup, hazelcast, infinispan, redisson, spring-session, weblogic ...
        distributable: the application asks for replication; None if the file does not say.
        sticky: the manager counts on affinity.
        discovery: multicast, static, kubernetes, dns, jdbc, aws, none ...; `bind`: its own address.
        members: addresses named in the file; `backups`: copies beside the first, None if not said.
        settings: further name=value words that checks look at, without secrets.
    """

    product: str
    distributable: bool | None = None
    sticky: bool | None = None
    discovery: str = ""
    bind: str = ""
    members: tuple[str, ...] = ()
    backups: int | None = None
    asynchronous: bool | None = None
    settings: tuple[tuple[str, str], ...] = ()
    stack: str = ""

    def setting(self, name: str) -> str:
        """The value of one of `settings`; empty if the file does not say."""
        return dict(self.settings).get(name, "")


@dataclass(frozen=True, slots=True, kw_only=True)
class StoreServer(Fact):
    """A store's own configuration: redis.conf, memcached's command line, a database's.

    Attributes:
        product: redis, redis-sentinel, memcached, postgresql, mysql.
        settings: name=value words in the product's terms, such as ("maxmemory-policy", "allkeys-lru").
        places: where each of them stands.
        whole: the file was seen whole, so that what is not in it has the product's default.
    """

    product: str
    settings: tuple[tuple[str, str], ...] = ()
    places: tuple[tuple[str, Location], ...] = ()
    whole: bool = False

    def setting(self, name: str) -> str:
        """Its value; empty if the file does not say."""
        return dict(self.settings).get(name, "")

    def place(self, name: str) -> Location:
        """Where it stands; the whole where the file does not say."""
        return dict(self.places).get(name, self.at)


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting(Fact):
    """A setting that has no kind of its own yet; `name` in the product's terms, `value` as written, no secret."""

    name: str
    value: str = ""
    scope: str = ""
    stack: str = ""


LOGIN_ELSEWHERE = "login-elsewhere"
"""Name of the setting that says that users log in at another site and come back from there."""
