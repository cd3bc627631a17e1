"""Balancers that send a request which a node refused to another node; and an application that throws sessions away."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import yaml

from tests.lab import proofs
from tests.lab.scenario import Scenario
from tests.lab.scenarios.balancers import MemoryShop
from tests.lab.scenarios.express import ExpressShop, every
from tests.lab.servers.express import Express
from tests.lab.servers.haproxy import HAProxy
from tests.lab.servers.nginx import Nginx

if TYPE_CHECKING:
    from tests.lab.cluster import Cluster
    from tests.lab.workspace import Workspace

OVERLOADED = tuple(Express(name, fails_every=4) for name in ("app1", "app2"))
"""Each answers every fourth request for the cart with 503, as under load."""
WITH_NODES = "log_format nodes '$remote_addr [$time_local] \"$request\" $status $upstream_addr $request_time';"
LOGGED = f"{WITH_NODES} access_log nodes.log nodes;"
RETRIED = "proxy_next_upstream error timeout http_503 non_idempotent;"
BY_ADDRESS = Nginx(method="ip_hash", options="max_fails=0", extra=(RETRIED,), http_extra=(LOGGED,))
BY_COOKIE = HAProxy(affinity="insert", extra=("retry-on 503", "option redispatch 1"))


@dataclass(frozen=True, slots=True)
class LoggedShop(MemoryShop):
    """The same, and the topology file names the balancer's access log."""

    def __call__(self, workspace: Workspace) -> Cluster:
        """Start it."""
        cluster = super(LoggedShop, self).__call__(workspace)
        described = yaml.safe_load(cluster.topology.read_text())
        described["load_balancers"][0]["logs"] = ["edge/nodes.log"]
        cluster.topology.write_text(yaml.safe_dump(described, sort_keys=False))
        return cluster


SCENARIOS = (
    Scenario(
        name="retries-retry-moves-session-nginx",
        build=LoggedShop(BY_ADDRESS, OVERLOADED),
        proofs=(proofs.state_is_lost,),
        cause="retry-moves-session",
        where=("edge",),
        worn_by_scans=True,
    ),
    Scenario(
        name="retries-retry-moves-session-haproxy",
        build=MemoryShop(BY_COOKIE, OVERLOADED),
        proofs=(proofs.state_is_lost,),
        cause="retry-moves-session",
        where=("edge",),
        worn_by_scans=True,
    ),
    Scenario(
        # Nobody refuses anything: a rule that is never used.
        name="retries-healthy-idle-rule",
        build=LoggedShop(replace(BY_ADDRESS, extra=("proxy_next_upstream error timeout;",))),
        proofs=(proofs.state_survives, proofs.nodes_keep_their_own),
    ),
    Scenario(
        # Whichever node is asked finds the session in the store.
        name="retries-healthy-store",
        build=ExpressShop(balancer=BY_COOKIE),
        proofs=(proofs.state_survives, proofs.nodes_keep_their_own),
    ),
    Scenario(
        name="retries-app-destroys-session",
        build=ExpressShop(every(thrown_away_after=3)),
        proofs=(proofs.state_is_lost,),
        cause="app-destroys-session",
    ),
)
