"""Preconditions: yes where it is there, no where it cannot be, unknown where nobody looked."""

from __future__ import annotations

from typing import Any

import pytest

from sessiondoctor.diagnosis.preconditions import PRECONDITIONS
from sessiondoctor.diagnosis.scene import Scene
from sessiondoctor.evidence.balancers.status import BalancerStatus, Server
from sessiondoctor.evidence.configs.deployment import Workload
from sessiondoctor.evidence.configs.files import Configs
from sessiondoctor.evidence.entry.entry_points import EntryPoint, EntryPoints, EntryPointTest
from sessiondoctor.evidence.entry.visits import Exchange, Visits
from sessiondoctor.evidence.gathered import Gathered, Piece
from sessiondoctor.evidence.location import Location
from sessiondoctor.evidence.network.names import Answer, Names
from sessiondoctor.evidence.nodes.replay import Cell, CellState, NodeVisit, Reach, Replay
from sessiondoctor.evidence.nodes.same_node import SameNode
from sessiondoctor.evidence.responses.cookie import Cookie
from sessiondoctor.evidence.stores.redis_server import RedisServer, Replication
from sessiondoctor.topology.model import Balancer, Node, Site, Store, Topology
from sessiondoctor.topology.secret import Secret
from sessiondoctor.topology.steps import Extract, Flow, Increment, Step

HTTP, HTTPS = "http://shop.test/", "https://shop.test/"


def cookie(name: str = "sid", role: Any = "session", product: str = "express-session", **changes: Any) -> Cookie:
    """A cookie."""
    return Cookie(name, role, product, "sid:1", 40, **changes)


def visited(*cookies: Cookie, url: str = HTTP, **changes: Any) -> Visits:
    """What clients saw."""
    return Visits(url, 200, tls=url.startswith("https"), cookies=cookies, **changes)


def direct(*cookies: Cookie) -> Replay:
    """A node that was asked, and the cookies that it set."""
    return Replay(("app1",), (NodeVisit("app1", 200, cookies=cookies),), (), flow=True)


def matrix(*elsewhere: CellState, way: Reach = "direct") -> Replay:
    """Three nodes that know their own sessions, and what each does with those of the others, pair by pair."""
    names = ("app1", "app2", "app3")
    own = tuple(Cell(name, name, "kept") for name in names)
    pairs = [(maker, reader) for maker in names for reader in names if maker != reader]
    cells = (Cell(*pair, state) for pair, state in zip(pairs, elsewhere, strict=True))
    return Replay(names, tuple(NodeVisit(name, 200) for name in names), (*own, *cells), flow=True, way=way)


def scene(*evidence: Any, hints: tuple[str, ...] = (), url: str = HTTP, **declared: Any) -> Scene:
    """A site of which this was seen, and this declared."""
    site = Site(url, **{name: declared.pop(name) for name in ("mode", "flow", "urls") if name in declared})
    pieces = tuple(Piece(type(value), "site", value) for value in evidence)
    return Scene(Topology(site=site, **declared), Gathered(pieces), hints)


def balancer(*names: str, **changes: Any) -> BalancerStatus:
    """A balancer that tells of these servers."""
    servers = tuple(Server("pool", name, name, "127.0.0.1:1", "UP") for name in names)
    return BalancerStatus("edge", "haproxy", "roundrobin", "", servers, **changes)


def redis(role: str = "master", replicas: int = 0) -> RedisServer:
    """A Redis."""
    return RedisServer("sessions", "127.0.0.1:6379", "7", role, 1000, replication=Replication(replicas=replicas))


def entered(home: str, there: str) -> EntryPoints:
    """Another URL, served by another node."""
    test = EntryPointTest(EntryPoint("url", "http://shop.test/eu/"), Exchange(0.0, home), (Exchange(1.0, there),))
    return EntryPoints(HTTP, (test,))


def running(kind: str, workers: int | None = None) -> Configs:
    """What a manifest says of the application."""
    return Configs(workloads=(Workload(at=Location("shop.yaml", 1), name="shop", kind=kind, workers=workers),))


BEARER = Flow(read=(Step("/me", headers={"Authorization": "Bearer {jwt}"}),))
FORM = Flow(form=(Step("/pay"),))
LOGIN = Flow(login=(Step("/login"),))
STORE = (Store("sessions", "redis", (Secret("redis://127.0.0.1/"),)),)
TWO = (Node("app1"), Node("app2"))
ALL: tuple[CellState, ...] = ("kept",) * 6
SOME: tuple[CellState, ...] = ("kept", "lost", "kept", "lost", "lost", "lost")
NONE: tuple[CellState, ...] = ("lost",) * 6

CASES: list[tuple[str, str, Scene]] = [
    ("https", "yes", scene(url=HTTPS)),
    ("https", "yes", scene(visited(redirected_to=("https://shop.test:443",)))),
    ("https", "yes", scene(visited(), nodes=(Node("app1", headers={"X-Forwarded-Proto": "https"}),))),
    ("https", "no", scene(visited())),
    ("https", "unknown", scene()),
    ("secure-or-withheld-cookie", "yes", scene(visited(cookie(secure=True), url=HTTPS))),
    ("secure-or-withheld-cookie", "yes", scene(visited(cookie()), direct())),
    ("secure-or-withheld-cookie", "no", scene(visited(cookie()), direct(cookie()))),
    ("secure-or-withheld-cookie", "unknown", scene(visited())),
    ("session-cookie", "yes", scene(visited(cookie()))),
    ("session-cookie", "no", scene(visited(), flow=BEARER)),
    ("session-cookie", "unknown", scene(visited())),
    ("header-session", "yes", scene(flow=BEARER)),
    ("header-session", "no", scene(visited(cookie()))),
    ("header-session", "unknown", scene(visited())),
    ("browser-refuses-cookie", "yes", scene(visited(cookie(refused="Domain shop.internal does not cover the host")))),
    ("browser-refuses-cookie", "no", scene(visited(cookie()))),
    ("browser-refuses-cookie", "unknown", scene(visited())),
    ("login", "yes", scene(flow=LOGIN)),
    ("login", "unknown", scene()),
    ("form", "yes", scene(flow=FORM)),
    ("form", "unknown", scene(flow=LOGIN)),
    ("signed-session", "yes", scene(visited(cookie(signed=True)))),
    ("signed-session", "yes", scene(visited(cookie(product="django")), hints=("django",))),
    ("signed-session", "no", scene(visited(cookie(product="php")), hints=("php",))),
    ("signed-session", "unknown", scene(visited(cookie(product="unknown")))),
    ("token", "yes", scene(visited(cookie(product="jwt")))),
    ("token", "yes", scene(flow=BEARER)),
    ("token", "no", scene(visited(cookie()))),
    ("token", "unknown", scene(visited())),
    ("data-protection", "yes", scene(visited(cookie(product="aspnetcore-session")))),
    ("data-protection", "yes", scene(visited(cookie(role="csrf", key_id="1f3a")))),
    ("data-protection", "no", scene(visited(cookie()))),
    ("data-protection", "no", scene(hints=("php",))),
    ("data-protection", "unknown", scene()),
    ("machine-key", "yes", scene(hints=("aspnet",))),
    ("machine-key", "no", scene(hints=("tomcat",))),
    ("machine-key", "unknown", scene()),
    ("several-nodes", "yes", scene(nodes=TWO)),
    ("several-nodes", "yes", scene(balancer("app1", "app2"))),
    ("several-nodes", "no", scene(balancer("app1"))),
    ("several-nodes", "unknown", scene(visited())),
    ("affinity-cookie", "yes", scene(visited(affinity_cookies=("SRV",)))),
    ("affinity-cookie", "no", scene(visited(), balancer("app1", keeping="none"))),
    ("affinity-cookie", "unknown", scene(visited())),
    ("no-affinity-cookie", "yes", scene(visited(cookie(route="app1")))),
    ("no-affinity-cookie", "no", scene(visited(cookie("SRV", "affinity", "haproxy")))),
    ("no-affinity-cookie", "unknown", scene()),
    ("address-affinity", "yes", scene(balancer("app1", keeping="address"))),
    ("address-affinity", "no", scene(balancer("app1", keeping="cookie"))),
    ("address-affinity", "unknown", scene(balancer("app1"))),
    ("several-addresses", "yes", scene(Names("shop.test", (Answer("system", ("1.2.3.4", "1.2.3.5"), ()),)))),
    ("several-addresses", "no", scene(Names("shop.test", (Answer("system", ("1.2.3.4",), ()),)))),
    ("several-addresses", "unknown", scene()),
    ("both-address-families", "yes", scene(Names("shop.test", (Answer("system", ("1.2.3.4",), ("::1",)),)))),
    ("both-address-families", "no", scene(Names("shop.test", (Answer("system", ("1.2.3.4",), ()),)))),
    ("both-address-families", "unknown", scene()),
    ("local-sessions", "yes", scene(visited(cookie(signed=True)))),
    ("local-sessions", "yes", scene(visited(cookie("a", holds_state=True), cookie("b")))),
    ("local-sessions", "unknown", scene(visited(cookie(holds_state=True)))),
    ("local-sessions", "unknown", scene(direct(cookie(holds_state=True)), mode="external")),
    ("local-sessions", "yes", scene(visited(cookie(holds_state=True)), mode="sticky")),
    ("local-sessions", "unknown", scene(visited(cookie()), hints=("django",))),
    ("local-sessions", "yes", scene(visited(cookie()), hints=("django",), mode="external")),
    ("session", "yes", scene(visited(cookie()))),
    ("session", "yes", scene(flow=BEARER)),
    ("session", "unknown", scene(visited())),
    ("parallel-updates", "yes", scene(flow=Flow(increment=Increment("/count", value=Extract(json="/count"))))),
    ("parallel-updates", "unknown", scene(flow=FORM)),
    ("several-nodes", "yes", scene(entered("app1", "app2"))),
    ("proxy", "yes", scene(load_balancers=(Balancer("edge", "nginx"),))),
    ("proxy", "yes", scene(visited(headers={"via": "1.1 varnish"}))),
    ("proxy", "yes", scene(nodes=TWO)),
    ("proxy", "no", scene(nodes=(Node("app1", url=HTTP),))),
    ("proxy", "unknown", scene(visited())),
    ("workers", "yes", scene(SameNode({"app1": ("kept", "lost", "kept")}))),
    ("workers", "yes", scene(running("Deployment", workers=4))),
    ("workers", "no", scene(running("Deployment", workers=1))),
    ("workers", "unknown", scene(SameNode({"app1": ("kept", "kept")}))),
    ("several-applications", "yes", scene(urls=(HTTPS,))),
    ("several-applications", "yes", scene(nodes=(Node("app1", service="shop"), Node("api1", service="api")))),
    ("several-applications", "unknown", scene(nodes=TWO)),
    ("fleeting-instances", "yes", scene(running("lambda"))),
    ("fleeting-instances", "unknown", scene(running("Deployment"))),
    ("store", "yes", scene(stores=STORE)),
    ("store", "yes", scene(mode="external")),
    ("store", "no", scene(mode="sticky")),
    ("store", "no", scene(nodes=(Node("app1", store="none"), Node("app2", store="none")))),
    ("store", "unknown", scene()),
    ("memcached", "yes", scene(nodes=(Node("app1", store_url=Secret("memcached://127.0.0.1:11211")),))),
    ("memcached", "no", scene(stores=STORE)),
    ("memcached", "unknown", scene()),
    ("replica", "yes", scene(redis(replicas=1), stores=STORE)),
    ("replica", "yes", scene(redis("slave"), stores=STORE)),
    ("replica", "no", scene(redis(), stores=STORE)),
    ("replica", "unknown", scene(stores=STORE)),
    ("replication", "yes", scene(mode="replicated")),
    ("replication", "no", scene(hints=("php",))),
    ("replication", "unknown", scene(hints=("tomcat",))),
    ("store", "yes", scene(matrix(*SOME), hints=("php",))),
    ("store", "unknown", scene(matrix(*SOME), hints=("tomcat",))),
    ("store", "unknown", scene(matrix(*SOME), visited(cookie(holds_state=True)))),
    ("store", "unknown", scene(matrix(*NONE))),
    ("sessions-not-known-everywhere", "no", scene(matrix(*ALL))),
    ("sessions-not-known-everywhere", "yes", scene(matrix(*SOME))),
    ("sessions-not-known-everywhere", "yes", scene(matrix(*ALL, way="steered"))),
    ("several-hosts-or-schemes", "yes", scene(urls=("https://www.shop.test/",))),
    ("several-hosts-or-schemes", "yes", scene(visited(cookie(secure=True)))),
    ("several-hosts-or-schemes", "unknown", scene(visited(cookie()))),
]


@pytest.mark.parametrize(("name", "answer", "seen"), CASES, ids=lambda value: value if isinstance(value, str) else "")
def test_what_must_be_there(name: str, answer: str, seen: Scene) -> None:
    """By what was seen, or declared."""
    assert PRECONDITIONS[name](seen) == answer


@pytest.mark.parametrize("name", PRECONDITIONS)
def test_what_nobody_looked_at_is_unknown(name: str) -> None:
    """Never no."""
    assert PRECONDITIONS[name](scene()) == "unknown"


@pytest.mark.parametrize("name", PRECONDITIONS)
def test_a_precondition_says_what_must_be_there(name: str) -> None:
    """In one sentence, for the page's reader."""
    assert (PRECONDITIONS[name].__doc__ or "").strip().endswith(".")


def test_a_node_that_knows_the_session_of_another_one_shows_that_sessions_travel() -> None:
    """Then nothing has to keep a client on its node; what is declared stands."""
    travelling = {"external", "replicated", "client-side"}
    assert scene(matrix(*SOME)).modes == travelling
    assert scene(matrix(*NONE)).modes == scene(matrix(*SOME, way="steered")).modes == {"unknown"}
    assert scene(matrix(*SOME), mode="sticky").modes == {"sticky"}
