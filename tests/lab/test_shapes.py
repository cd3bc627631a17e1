"""The shapes of the world: what a naive client sees of the same healthy cluster in each of them."""

from __future__ import annotations

import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

import httpx
import pytest
import yaml

from tests.lab.scenarios import named
from tests.lab.shapes import SHAPES
from tests.lab.shopper import Shopper, filled_in

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.lab.cluster import Cluster

HEALTHY = named("express-healthy")


PARTS = [pytest.param(name, marks=pytest.mark.thorough) for name in ("mute", "prg", "coded", "steps", "busy")]


@pytest.fixture(scope="module", params=[*PARTS, "web"])
def shown(request: pytest.FixtureRequest) -> Iterator[tuple[str, Cluster]]:
    """A shape and a healthy cluster in it; nobody loses anything there."""
    with HEALTHY.running(SHAPES[request.param]) as (_, cluster):
        HEALTHY.prove(cluster)
        yield request.param, cluster


@contextmanager
def browser(cluster: Cluster) -> Iterator[httpx.Client]:
    """One that has signed in where that must be."""
    with httpx.Client(base_url=cluster.site, timeout=15, headers={"Accept-Encoding": "identity"}) as client:
        if cluster.members_only:
            client.post("signin", data=filled_in(client.get("signin").text, "naive"))
        yield client


def test_a_cart_is_kept_and_shown(shown: tuple[str, Cluster]) -> None:
    """Also at the nodes, by the URLs that the topology file has."""
    _, cluster = shown
    described = yaml.safe_load(cluster.topology.read_text())
    for node in described["nodes"]:
        with Shopper(cluster, node["url"]) as user:
            assert user.sees(user.adds())


def test_a_shape_is_what_it_says(shown: tuple[str, Cluster]) -> None:
    """Each part of it can be seen, and the other parts cannot."""
    name, cluster = shown
    shape = SHAPES[name]
    with browser(cluster) as client:
        began = time.monotonic()
        added = client.post("cart", data={"item": "naive-thing"})
        took = time.monotonic() - began
        cart = client.get("cart")
    flow = yaml.safe_load(cluster.topology.read_text())["site"]["flow"]
    assert ("X-Node" not in cart.headers, "node" not in flow) == (shape.mute, shape.mute)
    assert (added.status_code, added.headers.get("Location")) == ((303, "/cart") if shape.prg else (200, None))
    assert (cart.headers.get("Content-Encoding") == "gzip") == shape.coded
    assert ("login" in flow) == shape.steps
    assert (len(cart.content) > 60_000 and took > 0.1) == shape.busy
    assert "naive-thing" in cart.text


def test_a_cart_for_members_is_for_nobody_else(shown: tuple[str, Cluster]) -> None:
    """Who has not signed in is sent to the form."""
    name, cluster = shown
    answer = httpx.get(f"{cluster.site}cart")
    assert (answer.status_code == 302 and answer.headers["Location"].endswith("signin")) == SHAPES[name].steps


def test_a_session_cookie_of_a_busy_site_is_another_one_each_time(shown: tuple[str, Cluster]) -> None:
    """And the cart is the same."""
    name, cluster = shown
    with browser(cluster) as client:
        client.post("cart", data={"item": "naive-thing"})
        values = []
        for _ in range(3):
            assert "naive-thing" in client.get("cart").text
            values.append(client.cookies["connect.sid"])
    assert len(set(values)) == (3 if SHAPES[name].busy else 1)
