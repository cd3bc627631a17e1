"""A Redis that moves on to another server, and nodes that do not know of it."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import redis

from tests.lab import proofs
from tests.lab.errors import LabError
from tests.lab.scenario import Scenario
from tests.lab.scenarios.redis_shapes import Shop, Stores, watched
from tests.lab.servers.express import Express
from tests.lab.servers.redis import client
from tests.lab.servers.sentinel import SERVICE

if TYPE_CHECKING:
    from tests.lab.cluster import Cluster
    from tests.lab.servers.redis import Redis
    from tests.lab.workspace import Workspace

PATIENCE_S = 15.0


def _failed_over(workspace: Workspace) -> Cluster:
    """The sentinels make the replica the primary while the nodes are connected to the old one."""
    asked: list[int] = []

    def remembering(at: Workspace, password: str) -> Stores:
        stores = watched(at, password)
        hosts = stores.declared["url"].partition("@")[2].partition("/")[0]
        asked.extend(int(host.rpartition(":")[2]) for host in hosts.split(","))
        return stores

    cluster = Shop(remembering, Express("app"))(workspace)
    _order_failover(asked[0])
    _wait_for_role(cluster.stores["replica"], "master")
    _wait_for_role(cluster.stores["redis"], "slave")
    return cluster


def _order_failover(port: int) -> None:
    """Order it again and again: a sentinel meets the replicas some seconds after it has started."""
    limit = time.monotonic() + PATIENCE_S
    with redis.Redis(port=port, socket_timeout=5) as sentinel:
        while True:
            try:
                sentinel.execute_command("SENTINEL FAILOVER", SERVICE)
            except redis.ResponseError as error:
                if time.monotonic() > limit:
                    raise LabError(f"the sentinel refuses: {error}") from error
                time.sleep(0.2)
            else:
                return


def _wait_for_role(server: Redis, role: str) -> None:
    limit = time.monotonic() + PATIENCE_S
    with client(server) as connection:
        while connection.info("replication")["role"] != role:
            if time.monotonic() > limit:
                raise LabError(f"{server.name} does not become {role}")
            time.sleep(0.1)


SCENARIOS = (
    Scenario(
        # The nodes were told an address and not to ask the sentinels.
        name="failovers-redis-readonly-sentinels",
        build=_failed_over,
        proofs=(proofs.state_is_lost, proofs.store_refused("redis", "READONLY")),
        cause="redis-readonly",
        where=("sessions",),
    ),
)
