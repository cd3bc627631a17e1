"""Status pages of balancers other than HAProxy; the samples are what real servers wrote (`samples/`)."""

from __future__ import annotations

import json
import time
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sessiondoctor.errors import Unavailable
from sessiondoctor.probes.balancers import apache as balancer_manager
from sessiondoctor.probes.balancers import caddy as caddy_admin
from sessiondoctor.probes.balancers import envoy as envoy_admin
from sessiondoctor.probes.balancers import mod_jk as jk_status
from sessiondoctor.probes.balancers import traefik as traefik_api
from sessiondoctor.topology.model import Balancer, BalancerKind, Node

if TYPE_CHECKING:
    from sessiondoctor.evidence.balancers.status import BalancerStatus, Server
    from sessiondoctor.probes.balancers.status_page import StatusPage

PAGES: dict[BalancerKind, StatusPage] = {
    "apache": balancer_manager.PAGE,
    "mod_jk": jk_status.PAGE,
    "traefik": traefik_api.PAGE,
    "envoy": envoy_admin.PAGE,
    "caddy": caddy_admin.PAGE,
}
APACHE_NODES = (Node("one", url="http://127.0.0.1:25754/"), Node("two", url="http://127.0.0.1:20628/"))
NODES = (Node("one", url="http://127.0.0.1:29201/"), Node("two", url="http://127.0.0.1:29202/"))


def sample(name: str) -> str:
    """A page as a real server wrote it."""
    return (Path(__file__).parent / "samples" / name).read_text(encoding="utf-8")


def read(kind: BalancerKind, *texts: str, nodes: tuple[Node, ...] = NODES) -> BalancerStatus:
    """What is read of these pages."""
    return PAGES[kind].read(texts, Balancer("edge", kind), nodes)


def facts(server: Server) -> tuple[str, str, str]:
    """Node, state and route of a server."""
    return server.node, server.status, server.cookie


def test_balancer_manager() -> None:
    """Workers with their routes, matched by address."""
    found = read("apache", sample("balancer_manager.xml"), nodes=APACHE_NODES)
    assert (found.keeping, found.affinity_cookie, found.algorithm) == ("cookie", "JSESSIONID", "byrequests")
    assert [facts(server) for server in found.servers] == [("one", "UP", "app1"), ("two", "DOWN", "app2")]


@pytest.mark.parametrize(
    ("kind", "space", "tag"), [("apache", "httpd.apache.org", "manager"), ("mod_jk", "tomcat.apache.org", "status")]
)
@pytest.mark.parametrize("deep", [True, False])
def test_a_page_of_nested_balancers_takes_no_time(kind: BalancerKind, space: str, tag: str, *, deep: bool) -> None:
    """A megabyte of balancers inside balancers, or beside each other, each with many servers."""
    inner, end = (
        ("<balancer><worker/><member/>", "</balancer>")
        if deep
        else ("<balancer><workers><worker/></workers><member/></balancer>", "")
    )
    count = 500_000 // len(inner + end)
    text = f'<{tag} xmlns="http://{space}"><balancers>{inner * count}{end * count}</balancers></{tag}>'
    began = time.process_time()
    with suppress(Unavailable):
        read(kind, text)
    assert time.process_time() - began < 1


def test_a_balancer_without_stickysession() -> None:
    """It says that it keeps nobody."""
    text = sample("balancer_manager.xml").replace("<httpd:stickysession>JSESSIONID</httpd:stickysession>", "")
    assert (read("apache", text).keeping, read("apache", text).affinity_cookie) == ("none", "")


@pytest.mark.parametrize(
    ("words", "status"),
    [
        ("Init Ok", "UP"),
        ("Init Err", "DOWN"),
        ("Init Dis", "MAINT"),
        ("Init Drn Ok", "DRAIN"),
        ("Init Stby", "Init Stby"),
    ],
)
def test_states_of_workers(words: str, status: str) -> None:
    """In the words of HAProxy, or as they are."""
    found = read("apache", sample("balancer_manager.xml").replace("Init Ok", words), nodes=APACHE_NODES)
    assert found.servers[0].status == status


def test_jk_status() -> None:
    """Members are matched by name or route: their AJP port is not the node's."""
    found = read("mod_jk", sample("jk_status.xml"), nodes=(Node("t0"), Node("b", route="other")))
    assert (found.keeping, found.affinity_cookie, found.algorithm) == ("cookie", "JSESSIONID", "Request")
    assert [facts(server) for server in found.servers] == [("t0", "UP", "t0"), ("b", "UP", "other")]


def test_jk_without_sticky_session() -> None:
    """It says so."""
    found = read("mod_jk", sample("jk_status.xml").replace('sticky_session="True"', 'sticky_session="False"'))
    assert (found.keeping, found.affinity_cookie) == ("none", "")


@pytest.mark.parametrize(
    ("word", "other", "status"),
    [('state="OK/IDLE"', 'state="ERR"', "DOWN"), ('activation="ACT"', 'activation="STP"', "MAINT")],
)
def test_states_of_members(word: str, other: str, status: str) -> None:
    """In error, or stopped by hand."""
    assert {server.status for server in read("mod_jk", sample("jk_status.xml").replace(word, other)).servers} == {
        status
    }


def test_traefik() -> None:
    """The service with servers; those of Traefik itself have none."""
    found = read("traefik", sample("traefik_services.json"))
    assert (found.keeping, found.affinity_cookie, found.algorithm) == ("cookie", "lb", "wrr")
    assert [facts(server) for server in found.servers] == [("one", "UP", ""), ("two", "UP", "")]


@pytest.mark.parametrize(("strategy", "keeping"), [("wrr", "none"), ("p2c", "none"), ("hrw", "address")])
def test_traefik_without_a_cookie(strategy: str, keeping: str) -> None:
    """It takes turns, or chooses by the client's address."""
    services = json.loads(sample("traefik_services.json"))
    balanced = services[-1]["loadBalancer"]
    del balanced["sticky"]
    balanced["strategy"] = strategy
    assert read("traefik", json.dumps(services)).keeping == keeping


def envoy(config: str) -> BalancerStatus:
    """What is read of an Envoy with this configuration."""
    nodes = (Node("one", url="http://127.0.0.1:29204/"), Node("two", url="http://127.0.0.1:29132/"))
    return read("envoy", sample("envoy_clusters.json"), config, nodes=nodes)


def test_envoy() -> None:
    """Hosts of the cluster, the policy of its configuration, the cookie of the stateful session."""
    found = envoy(sample("envoy_config_dump.json"))
    assert (found.keeping, found.affinity_cookie, found.algorithm) == ("cookie", "lb", "round_robin")
    assert [facts(server) for server in found.servers] == [("one", "UP", ""), ("two", "UP", "")]


@pytest.mark.parametrize(
    ("policy", "hashed", "keeping", "name"),
    [
        ("ROUND_ROBIN", {}, "none", ""),
        ("RING_HASH", {"cookie": {"name": "sid"}}, "cookie", "sid"),
        ("MAGLEV", {"connection_properties": {"source_ip": True}}, "address", ""),
        ("ROUND_ROBIN", {"cookie": {"name": "sid"}}, "none", ""),
    ],
)
def test_envoy_without_a_stateful_session(policy: str, hashed: dict[str, Any], keeping: str, name: str) -> None:
    """A hash counts only where the cluster's policy uses it."""
    config = {
        "configs": [
            {"cluster": {"name": "app", "lb_policy": policy, "load_assignment": {}}},
            {"route": {"cluster": "app", "hash_policy": [hashed]}},
        ]
    }
    found = envoy(json.dumps(config))
    assert (found.keeping, found.affinity_cookie) == (keeping, name)


def test_envoy_without_a_configuration() -> None:
    """Then nothing is said about keeping."""
    assert envoy("forbidden").keeping == "unknown"


def test_caddy() -> None:
    """The upstreams of the reverse proxy; not its secret."""
    found = read("caddy", sample("caddy_config.json"))
    assert (found.keeping, found.affinity_cookie, found.algorithm) == ("cookie", "lb", "cookie")
    assert [server.node for server in found.servers] == ["one", "two"]
    assert "'secret'" not in repr(found)


@pytest.mark.parametrize(
    ("policy", "keeping"), [("random", "none"), ("ip_hash", "address"), ("header", "unknown"), ("", "none")]
)
def test_policies_of_caddy(policy: str, keeping: str) -> None:
    """Without one it chooses at random."""
    text = sample("caddy_config.json").replace('"policy": "cookie"', f'"policy": "{policy}"')
    assert read("caddy", text).keeping == keeping


@pytest.mark.parametrize(
    ("kind", "declared", "urls"),
    [
        ("apache", "http://h/balancer-manager?b=app", ("http://h/balancer-manager?xml=1",)),
        ("mod_jk", "http://h/jk-status", ("http://h/jk-status?mime=xml",)),
        ("traefik", "http://h:8080/dashboard/", ("http://h:8080/api/http/services",)),
        ("traefik", "http://h:8080/api", ("http://h:8080/api/http/services",)),
        ("traefik", "http://h:8080", ("http://h:8080/api/http/services",)),
        ("envoy", "http://h:9901/stats", ("http://h:9901/clusters?format=json", "http://h:9901/config_dump")),
        ("caddy", "http://h:2019", ("http://h:2019/config/",)),
    ],
)
def test_what_is_fetched(kind: BalancerKind, declared: str, urls: tuple[str, ...]) -> None:
    """From what users declare to what programs read."""
    assert PAGES[kind].urls(declared) == urls


HOSTILE = (
    "",
    "<html>login</html>",
    "{}",
    "[]",
    "null",
    "[" * 100_000,
    "<a>" * 100_000,
    '<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>',
    '[{"loadBalancer": {"servers": 3}}]',
    '{"cluster_statuses": {"a": 1}}',
    '{"handler": "reverse_proxy", "upstreams": "x"',
)


def test_a_url_that_is_none_names_no_node() -> None:
    """It is shown as it is."""
    text = sample("traefik_services.json").replace("http://127.0.0.1:29201", "http://[").replace(":29202", ":x")
    assert [server.node for server in read("traefik", text).servers] == ["", ""]


@pytest.mark.parametrize("kind", PAGES)
@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_something_else_is_said_to_be_so(kind: BalancerKind, text: str) -> None:
    """One error, one line."""
    with pytest.raises(Unavailable) as caught:
        read(kind, text, text)
    assert caught.value.hint or caught.value.reason


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inside: (
        st.lists(inside) | st.dictionaries(st.sampled_from(["loadBalancer", "servers", "url", "name"]), inside)
    ),
)


@given(document=JSON)
def test_any_json_is_read_or_refused(document: Any) -> None:
    """Nothing but `Unavailable`."""
    for kind in ("traefik", "envoy", "caddy"):
        try:
            servers = read(kind, json.dumps(document), json.dumps(document)).servers
        except Unavailable:
            continue
        assert servers
