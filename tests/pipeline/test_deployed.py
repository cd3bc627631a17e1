"""What configuration files say where the topology does not."""

from __future__ import annotations

from dataclasses import replace

import pytest

from sessiondoctor.pipeline.deployed import with_configs
from sessiondoctor.topology.model import Balancer, Node, Site, Store, Topology
from sessiondoctor.topology.scalars import Duration
from sessiondoctor.topology.secret import Secret
from tests.configs.build import configs

EDGE = """
    backend app
      cookie SRV insert
      server app1 10.0.0.1:80 cookie one
      server app2 10.0.0.2:80 cookie two
"""
LARAVEL = "SESSION_DRIVER={}\nREDIS_HOST=10.0.0.9\nSESSION_LIFETIME=20\n"
TOPOLOGY = Topology(
    Site("https://shop.test/"),
    load_balancers=(Balancer("edge"),),
    nodes=(Node("app1", "http://10.0.0.1:80/"), Node("app2", "http://10.0.0.2:80/")),
    stores=(Store("sessions", "redis", (Secret("redis://10.0.0.9:6379/0"),)),),
)


def test_what_is_open_is_filled_in_with_its_line() -> None:
    """The balancer's cookie, the nodes' routes and store, the idle timeout, the stack."""
    found = with_configs(TOPOLOGY, configs(edge=EDGE, app1=LARAVEL.format("redis"), app2=LARAVEL.format("redis")))
    assert found.load_balancers[0].affinity_cookie == "SRV"
    assert [node.route for node in found.nodes] == ["one", "two"]
    assert (found.site.idle_timeout, found.site.stack) == (1200, "laravel")
    told = {one.key: (one.value, one.line) for one in found.configured}
    assert told["load_balancers[0].affinity_cookie"] == ("SRV", 2)
    assert told["site.idle_timeout"] == ("1200 s", 3)


def test_the_store_that_a_nodes_files_name() -> None:
    """By its address."""
    found = with_configs(TOPOLOGY, configs(app1="SESSION_REDIS_URL=redis://10.0.0.9:6379/0\n"))
    assert [node.store for node in found.nodes] == ["sessions", ""]


def test_what_is_declared_stands_and_is_compared() -> None:
    """A difference is noted with the line."""
    site = replace(TOPOLOGY.site, idle_timeout=Duration(60))
    found = with_configs(replace(TOPOLOGY, site=site), configs(app1=LARAVEL.format("redis")))
    assert found.site.idle_timeout == 60
    (told,) = (one for one in found.configured if one.key == "site.idle_timeout")
    assert (told.declared, told.value) == ("60 s", "1200 s")


def test_files_that_differ_leave_it_open() -> None:
    """Which of them is right is not for us to say."""
    other = LARAVEL.format("redis").replace("20", "30")
    found = with_configs(TOPOLOGY, configs(app1=LARAVEL.format("redis"), app2=other))
    assert found.site.idle_timeout is None


@pytest.mark.parametrize(("driver", "mode"), [("redis", "external"), ("cookie", "client-side"), ("file", "auto")])
def test_the_mode_is_where_sessions_are(driver: str, mode: str) -> None:
    """Where no store is declared; files of one host without affinity are no plan to share."""
    found = with_configs(replace(TOPOLOGY, stores=()), configs(app1=LARAVEL.format(driver)))
    assert found.site.mode == mode


def test_sessions_on_the_nodes_and_affinity_are_sticky() -> None:
    """Both are said."""
    found = with_configs(replace(TOPOLOGY, stores=()), configs(edge=EDGE, app1=LARAVEL.format("file")))
    assert found.site.mode == "sticky"


def test_two_servers_with_one_cookie_give_no_route() -> None:
    """It would name the wrong node."""
    found = with_configs(TOPOLOGY, configs(edge=EDGE.replace("cookie two", "cookie one")))
    assert [node.route for node in found.nodes] == ["", ""]


def test_no_server_is_added() -> None:
    """Whoever is not declared is not asked."""
    found = with_configs(replace(TOPOLOGY, stores=(), nodes=()), configs(edge=EDGE, app1=LARAVEL.format("redis")))
    assert (found.stores, found.nodes) == ((), ())


@pytest.mark.parametrize(
    "text",
    [
        "<web-app><distributable/>",
        '<Cluster className="org.apache.catalina.ha.tcp.SimpleTcpCluster"/>',
        "@EnableHazelcastHttpSession\nclass Config {}\n",
    ],
)
def test_copies_among_the_nodes_are_replicated(text: str) -> None:
    """Whether the application asks for them, or a cluster holds the sessions."""
    assert with_configs(replace(TOPOLOGY, stores=()), configs(app1=text)).site.mode == "replicated"
