"""Sessions that several requests change at once, and sessions that grow."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import yaml

from tests.lab import hurry, proofs
from tests.lab.cluster import COUNTING, GROWING, Cluster
from tests.lab.scenario import Scenario
from tests.lab.scenarios import express, flask, memcached, php
from tests.lab.servers.haproxy import HAProxy
from tests.lab.servers.nginx import Nginx
from tests.lab.workspace import Workspace

KIB = 1024


@dataclass(frozen=True, slots=True)
class Using:
    """The cluster of another module, of which a scan uses more."""

    flow: Mapping[str, Any]
    build: Callable[[Workspace], Cluster]

    def __call__(self, workspace: Workspace) -> Cluster:
        """Start it; its topology file has this flow."""
        cluster = self.build(workspace)
        description = yaml.safe_load(cluster.topology.read_text())
        description["site"]["flow"] = dict(self.flow)
        cluster.topology.write_text(yaml.safe_dump(description, sort_keys=False))
        return cluster


def php_nodes(**changes: Any) -> tuple[Any, ...]:
    """Three PHP nodes that take several requests at once."""
    return tuple(replace(node, workers=4, **changes) for node in php.THREE)


SCENARIOS = (
    Scenario(
        name="express-lost-update-race",
        build=Using(COUNTING, express.ExpressShop()),
        proofs=(proofs.state_survives, hurry.updates_are_lost),
        cause="lost-update-race",
    ),
    Scenario(
        name="php-lost-update-race",
        build=Using(COUNTING, php.PhpShop(Nginx(), nodes=php_nodes())),
        proofs=(proofs.state_survives, hurry.updates_are_lost),
        cause="lost-update-race",
    ),
    Scenario(
        name="php-healthy-locking",
        build=Using(COUNTING, php.PhpShop(Nginx(), nodes=php_nodes(locking=True))),
        proofs=(proofs.state_survives, hurry.updates_all_count),
    ),
    Scenario(
        name="php-healthy-files-lock",
        build=Using(
            COUNTING, php.PhpShop(HAProxy(affinity="insert"), nodes=php_nodes(save_path=php.FILES), mode="sticky")
        ),
        proofs=(proofs.state_survives, hurry.updates_all_count),
    ),
    Scenario(
        name="flask-lost-update-race",
        build=Using(COUNTING, flask.FlaskShop()),
        proofs=(proofs.state_survives, hurry.updates_are_lost),
        cause="lost-update-race",
    ),
    Scenario(
        name="express-healthy-growing",
        build=Using(GROWING, express.ExpressShop()),
        proofs=(proofs.state_survives, hurry.survives_growing(KIB, 16 * KIB, 64 * KIB)),
    ),
    Scenario(
        name="express-healthy-growing-far",
        build=Using(GROWING, express.ExpressShop()),
        proofs=(proofs.state_survives, hurry.survives_growing(64 * KIB, 1536 * KIB)),
        words=("--allow", "interact"),
    ),
    Scenario(
        name="php-memcached-item-too-large-when-growing",
        build=Using(GROWING, memcached.Shop(memcached.PHP)),
        proofs=(proofs.state_survives, hurry.survives_growing(256 * KIB), hurry.is_lost_by_growing(1025 * KIB)),
        cause="memcached-item-too-large",
        where=("sessions",),
        words=("--allow", "interact"),
    ),
    Scenario(
        name="flask-cookie-too-large-when-growing",
        build=Using(GROWING, flask.FlaskShop(balancer=Nginx(extra=(*flask.LARGE_HEADERS,)))),
        proofs=(proofs.state_survives, hurry.survives_growing(KIB, 2 * KIB), hurry.is_lost_by_growing(4 * KIB)),
        cause="cookie-too-large",
    ),
    Scenario(
        name="flask-proxy-header-buffer-overflow-when-growing",
        build=Using(GROWING, flask.FlaskShop()),
        proofs=(proofs.state_survives, hurry.survives_growing(KIB, 2 * KIB), hurry.is_lost_by_growing(4 * KIB)),
        cause="proxy-header-buffer-overflow",
        worn_by_scans=True,  # nginx asks no node for ten seconds that has answered with such a header
    ),
)
