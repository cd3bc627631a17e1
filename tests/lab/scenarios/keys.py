"""Keys: secrets that are made up at start-up, rotations that reached some nodes only, secrets declared and not used."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import yaml

from tests.lab import proofs
from tests.lab.cluster import write_topology
from tests.lab.scenario import Scenario
from tests.lab.scenarios import express
from tests.lab.scenarios.django import IN_COOKIES, DjangoShop
from tests.lab.scenarios.flask import THREE as FLASKS
from tests.lab.scenarios.flask import FlaskShop
from tests.lab.servers.haproxy import HAProxy
from tests.lab.servers.nginx import Nginx

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.lab.cluster import Cluster
    from tests.lab.servers.express import Express
    from tests.lab.workspace import Workspace

IN_COOKIE = express.every(store_url="cookie")


def _without_store(*nodes: Express) -> Callable[[Workspace], Cluster]:
    """An Express shop whose sessions are wholly in the cookie."""

    def build(workspace: Workspace) -> Cluster:
        cluster = express.ExpressShop(nodes=nodes)(workspace)
        description = yaml.safe_load(cluster.topology.read_text())
        del description["stores"]
        description["site"]["mode"] = "client-side"
        for node in description["nodes"]:
            del node["store"]
        return replace(cluster, topology=write_topology(workspace.directory, description))

    return build


ROTATED = replace(IN_COOKIES[2], secret="{other_secret}", fallbacks="{secret}")
KNOWING_BOTH = tuple(replace(node, fallbacks="{other_secret}") for node in IN_COOKIES[:2])

SCENARIOS = (
    Scenario(
        name="express-healthy-cookie-session",
        build=_without_store(*IN_COOKIE),
        proofs=(proofs.state_survives, proofs.nodes_keep_their_own),
    ),
    Scenario(
        name="express-signing-secret-mismatch-cookie-session",
        build=_without_store(*IN_COOKIE[:2], replace(IN_COOKIE[2], secret="{other_secret}")),
        proofs=(proofs.state_is_lost, proofs.nodes_keep_their_own),
        cause="signing-secret-mismatch",
        where=("app3",),
    ),
    Scenario(
        name="flask-secret-regenerated-at-boot",
        build=FlaskShop(nodes=tuple(replace(node, secret="", workers=3) for node in FLASKS)),
        proofs=(proofs.state_is_lost,),
        cause="secret-regenerated-at-boot",
    ),
    Scenario(
        name="django-key-rotation-no-overlap",
        build=DjangoShop(HAProxy(), nodes=(*IN_COOKIES[:2], ROTATED), mode="client-side"),
        proofs=(proofs.state_is_lost, proofs.nodes_keep_their_own),
        cause="key-rotation-no-overlap",
        where=("app3",),
    ),
    Scenario(
        # Every node verifies both keys, and one already signs with the new one.
        name="django-healthy-key-rotation",
        build=DjangoShop(Nginx(), nodes=(*KNOWING_BOTH, ROTATED), mode="client-side"),
        proofs=(proofs.state_survives, proofs.nodes_keep_their_own),
    ),
)
