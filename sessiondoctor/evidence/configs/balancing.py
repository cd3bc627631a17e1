"""What configuration says about balancers: pools, affinity, where and how requests are passed on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from sessiondoctor.evidence.configs.fact import CookieRule, Fact
from sessiondoctor.evidence.location import Location

AffinityBy = Literal["cookie", "app-cookie", "address", "header", "url", "other", "nothing"]
AffinityHow = Literal["name", "hash", "consistent-hash", "table", ""]


@dataclass(frozen=True, slots=True, kw_only=True)
class Affinity(Fact):
    """What keeps a client on one server.

    Attributes:
        pool: name of the upstream, backend, Service or Ingress it applies to; empty for a fragment.
        by: what recognises the client: a cookie of the balancer's own, a cookie of the application, the address ...;
            `url` is the path or the query: one page always has one server, which keeps no client;
            `nothing` where the file switches affinity off in so many words.
        how: how that leads to a server: the cookie names it, a hash, a consistent hash, a table.
        key: the variable, header, or cookie that is looked at, as written.
        cookie: of the balancer's own cookie; of an application's cookie only its name.
        life_s: how long it lasts; None if the file does not say.
        options: words that change it, such as postonly, indirect, balanced, persistent.
        directive: as written, short: `sticky cookie SRV`.
        product: which product understands it: nginx, haproxy, ingress-nginx, istio, aws-alb ...
    """

    pool: str = ""
    by: AffinityBy = "other"
    how: AffinityHow = ""
    key: str = ""
    cookie: CookieRule | None = None
    life_s: float | None = None
    options: tuple[str, ...] = ()
    directive: str = ""
    product: str = ""


@dataclass(frozen=True, slots=True)
class PoolServer:
    """One server of a pool. `route`: its name in cookies. `role`: backup, disabled, drain, or empty."""

    name: str
    address: str = ""
    route: str = ""
    weight: float | None = None
    role: str = ""
    at: Location | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Pool(Fact):
    """Servers among which a balancer chooses.

    Attributes:
        algorithm: as the product calls it; empty for its default.
        whole: the block was seen to its end, so that what is not in it is not configured.
    """

    name: str = ""
    servers: tuple[PoolServer, ...] = ()
    algorithm: str = ""
    product: str = ""
    whole: bool = True


@dataclass(frozen=True, slots=True)
class Header:
    """A header set on requests to the servers behind; `name` in lower case, `value` as written."""

    name: str
    value: str
    at: Location


@dataclass(frozen=True, slots=True, kw_only=True)
class Proxy(Fact):
    """One place where requests are passed on: an nginx location, an HAProxy frontend, a ProxyPass, an Ingress rule.

    Attributes:
        host: the host name it serves; empty for any.
        path: the public path prefix; `target`: where it goes, a pool's name or a URL.
        tls: whether clients reach it over TLS here; None if the file does not say.
        headers: what is set on requests, inherited settings included.
        cookie_paths, cookie_domains: rewriting of Set-Cookie, from and to.
        hides: response headers that are taken away, in lower case.
        retries: on what a request is sent to another server, as written; `retries_unsafe`: POST, too.
        caches: responses are cached; `cache_ignores`: what would forbid it and is not heeded, in lower case.
        auth: where a sub-request asks for permission (auth_request, forward auth).
        websocket: Upgrade is passed on; None if the file does not say.
        timeout_s: after which an idle connection is cut.
        whole: the block was seen to its end.
    """

    host: str = ""
    path: str = ""
    target: str = ""
    tls: bool | None = None
    headers: tuple[Header, ...] = ()
    cookie_paths: tuple[tuple[str, str], ...] = ()
    cookie_domains: tuple[tuple[str, str], ...] = ()
    hides: tuple[str, ...] = ()
    retries: tuple[str, ...] = ()
    retries_unsafe: bool = False
    caches: bool = False
    cache_ignores: tuple[str, ...] = ()
    auth: str = ""
    websocket: bool | None = None
    timeout_s: float | None = None
    whole: bool = True
    product: str = ""

    def header(self, name: str) -> Header | None:
        """The header of this lower-case name, if it is set."""
        return next((header for header in self.headers if header.name == name), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class RealIp(Fact):
    """A proxy takes the client's address from a header, or from the PROXY protocol (`header` is empty)."""

    header: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Drain(Fact):
    """How long requests in flight may end when a server is taken out; 0 for not at all.

    `setting` is what says so: terminationGracePeriodSeconds, deregistration_delay.timeout_seconds, preStop ...
    """

    subject: str = ""
    seconds: float | None = None
    setting: str = ""


RuleKind = Literal["weight", "canary", "path", "header", "other"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule(Fact):
    """Sends some requests of one host to another pool: by weight, canary, path, header or an ACL.

    Attributes:
        targets: pools with their weights; 0 where there is none.
        sticky: a client stays with what was chosen for it.
    """

    kind: RuleKind
    scope: str = ""
    targets: tuple[tuple[str, float], ...] = ()
    sticky: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class StickTable(Fact):
    """A table in which a balancer remembers clients. `peers`: the section that shares it; empty if none."""

    pool: str = ""
    key: str = ""
    peers: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ejection(Fact):
    """A balancer takes servers out by what it sees itself (outlier detection, max_fails)."""

    pool: str = ""


About = Literal["affinity", ""]


@dataclass(frozen=True, slots=True, kw_only=True)
class Mistake(Fact):
    """A setting that has no effect. `why`: misspelt, other-controller, unknown-value, paid-product, needs-version.

    Attributes:
        word: as written; `meant`: what it should be, or which product understands it.
        about: what it was meant to do: affinity, or empty.
    """

    word: str
    meant: str = ""
    why: Literal["misspelt", "other-controller", "unknown-value", "paid-product", "needs-version"] = "misspelt"
    about: About = ""
