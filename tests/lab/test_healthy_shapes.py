"""Healthy clusters in every shape of the world are accused of nothing."""

from __future__ import annotations

import pytest

from tests.lab.scan import scan
from tests.lab.scenarios import named
from tests.lab.shapes import SHAPES
from tests.lab.test_scenarios import assert_healthy, assert_secret

# A balancer and a stack each; of Express with Redis every part of the shapes by itself.
PAIRS = [
    ("express-healthy", shape) for shape in SHAPES
] + [
    (name, "web")
    for name in (
        "sticky-healthy-nginx-ip-hash", "sticky-healthy-apache-routeid", "sticky-healthy-caddy-cookie",
        "sticky-healthy-traefik", "sticky-healthy-envoy-cookie", "jk-healthy", "flask-healthy", "django-healthy",
        "memcached-php-healthy",
    )
]  # fmt: skip
EVERY_TIME = {("express-healthy", "web"), ("sticky-healthy-caddy-cookie", "web")}
CASES = [
    pytest.param(*pair, id="-".join(pair), marks=[] if pair in EVERY_TIME else pytest.mark.thorough) for pair in PAIRS
]


@pytest.mark.timeout(480)
@pytest.mark.parametrize(("name", "shape"), CASES)
def test_a_healthy_cluster_is_accused_of_nothing(name: str, shape: str) -> None:
    """Whatever its pages look like, and with everything declared."""
    scenario = named(name)
    with scenario.running(SHAPES[shape]) as (_, cluster):
        planted = scenario.prove(cluster)
        result = scan(cluster, words=scenario.words)
    assert_healthy(result)
    assert_secret(result, planted)
