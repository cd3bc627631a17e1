"""Files to the components of a topology."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from sessiondoctor.configs.files import text_of
from sessiondoctor.configs.reading import read_all
from sessiondoctor.drafting.components import duration, of_configs
from sessiondoctor.drafting.parts import Told
from tests.configs.build import fingerprint

if TYPE_CHECKING:
    from sessiondoctor.drafting.parts import Components

HAPROXY = """\
frontend www
  bind :443 ssl crt x.pem
  default_backend app
backend app
  cookie SRV insert indirect nocache
  server app1 10.0.0.1:3000 check cookie one
  server app2 10.0.0.2:3000 check cookie two
"""
NGINX = """\
upstream app { server app:3000; server 10.0.0.2; server 10.0.0.3:81 down; }
upstream static_files { server 10.0.0.9:80; }
server { listen 443 ssl; server_name shop.example.com; location / { proxy_pass http://app; } }
"""
ENV = "SESSION_SECRET=abcdefabcdef\nREDIS_URL=redis://10.0.0.9:6379/2\n"


def components(**files: str) -> Components:
    """Of files by name; `__` in a name is a folder, `_` a dot."""
    texts = [text_of(text.encode(), _name(name), _name(name), fingerprint) for name, text in files.items()]
    return of_configs(read_all(texts), str)


def _name(word: str) -> str:
    return word.replace("__", "/").replace("_", ".")


def test_a_balancer_with_its_cookie_and_its_servers() -> None:
    """Each with the line that says so."""
    found = components(haproxy_cfg=HAPROXY)
    (edge,) = found.balancers
    assert (edge.name, edge.kind, edge.config) == ("haproxy", "haproxy", ("haproxy.cfg",))
    assert edge.affinity_cookie == Told("SRV", "haproxy.cfg:5")
    assert [(node.name, node.address.value, node.route.value) for node in found.nodes] == [
        ("app1", "10.0.0.1:3000", "one"), ("app2", "10.0.0.2:3000", "two"),
    ]  # fmt: skip
    assert found.site.mode == Told("sticky", "haproxy.cfg:5")


def test_names_of_a_containers_network_are_not_reachable() -> None:
    """A server without a name is called after its number, or after its host."""
    found = components(nginx_conf=NGINX)
    assert [(node.name, node.address.value, node.reachable) for node in found.nodes] == [
        ("app", "app:3000", False), ("app2", "10.0.0.2:80", True),
    ]  # fmt: skip
    assert found.site.url == Told("https://shop.example.com/", "nginx.conf:3")


def test_files_belong_to_the_node_whose_name_is_a_folder() -> None:
    """Or the beginning of the file's name; others are the site's."""
    found = components(haproxy_cfg=HAPROXY, app1___env=ENV, conf__app2_env=ENV, common_env=ENV)
    assert [node.config for node in found.nodes] == [("app1/.env",), ("conf/app2.env",)]
    assert found.site.config == ("common.env",)
    assert {node.store_place.value for node in found.nodes} == {"redis://10.0.0.9:6379/2"}


def test_what_a_store_is_told_by_two_settings() -> None:
    """That sessions are in Redis, and where that is."""
    found = components(_env="SESSION_DRIVER=redis\nREDIS_HOST=10.0.0.9\nREDIS_PORT=6380\nSESSION_LIFETIME=120\n")
    (store,) = found.stores
    assert (store.name, store.kind, store.url.value) == ("sessions", "redis", "redis://10.0.0.9:6380/0")
    assert (found.site.mode.value, found.site.stack.value, found.site.idle_timeout.value) == (
        "external",
        "laravel",
        "2h",
    )


def test_a_balancer_beside_a_store_of_unknown_use() -> None:
    """Does not say that sessions are on the nodes."""
    assert not components(haproxy_cfg=HAPROXY, app1___env=ENV).site.mode


def test_manifests_are_the_sites_and_name_a_controller() -> None:
    """The Ingress' annotations."""
    found = components(shop_yaml="nginx.ingress.kubernetes.io/affinity: cookie\n"
                       "nginx.ingress.kubernetes.io/session-cookie-name: route\n")  # fmt: skip
    (edge,) = found.balancers
    assert (edge.kind, edge.affinity_cookie.value) == ("k8s-ingress", "route")
    assert found.site.config == ("shop.yaml",)


def test_what_is_not_recognised_is_named() -> None:
    """And is no configuration."""
    from sessiondoctor.evidence.configs.files import ConfigFile, Configs

    found = of_configs(Configs((ConfigFile("a.bin", "a.bin", note="unknown"),)), str)
    assert (found.unread, found.site.config) == (("a.bin",), ())


@pytest.mark.parametrize(("seconds", "word"), [(7200, "2h"), (5400, "90m"), (90, "90s"), (1, "1s")])
def test_durations(seconds: float, word: str) -> None:
    """As the topology file has them."""
    assert duration(seconds) == word
