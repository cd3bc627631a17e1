"""What deployments and running a site bring: versions, settings of one node, health checks, cookies that end early."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import TYPE_CHECKING

import yaml

from tests.lab import proofs
from tests.lab.cluster import write_topology
from tests.lab.scenario import Scenario
from tests.lab.scenarios.balancers import NODES, MemoryShop
from tests.lab.scenarios.express import ExpressShop, every, last
from tests.lab.scenarios.php import PhpShop
from tests.lab.scenarios.php import every as every_php
from tests.lab.servers.envoy import Envoy
from tests.lab.servers.express import Express
from tests.lab.servers.haproxy import SOCKET, HAProxy
from tests.lab.servers.traefik import Traefik
from tests.lab.shopper import Shopper

if TYPE_CHECKING:
    from tests.lab.cluster import Cluster
    from tests.lab.workspace import Workspace

OLD, NEW, NEWER = "1.9.3", "2.0.0", "2.0.1"
FLAPS = (Express("app1"), Express("app2", flap_s=1.5))
PATIENCE_S = 12.0


def _taken_out_again_and_again(cluster: Cluster) -> frozenset[str]:
    """HAProxy has taken a node out twice, and some user has lost the cart by then."""
    assert isinstance(cluster.balancer, HAProxy)
    traces: frozenset[str] = frozenset()
    limit, lost = time.monotonic() + PATIENCE_S, False
    while not lost or max(cluster.balancer.went_down().values()) <= 1:
        assert time.monotonic() < limit, "no node is taken out twice, or nobody loses a cart by it"
        with Shopper(cluster) as user:
            item = user.adds()
            for _ in range(4):
                time.sleep(0.4)
                lost = lost or not user.sees(item)
            traces |= user.traces()
    return traces


def _watched_by_its_socket(workspace: Workspace) -> Cluster:
    """Two servers with one cookie; the socket of HAProxy, unlike its page, says what the cookies are."""
    cluster = MemoryShop(HAProxy(affinity="insert", routes=dict.fromkeys(NODES, "node1")))(workspace)
    description = yaml.safe_load(cluster.topology.read_text())
    description["load_balancers"][0]["stats"] = f"unix:{workspace.directory / 'edge' / SOCKET}"
    return replace(cluster, topology=write_topology(workspace.directory, description))


def _cookie_lives_at_most(name: str, seconds: int) -> proofs.Proof:
    """The browser is told to forget the cookie of that name after so many seconds."""

    def proof(cluster: Cluster) -> frozenset[str]:
        with Shopper(cluster) as user:
            user.adds()
            ages = [
                int(word.partition("=")[2])
                for line in user.lines
                if line.startswith(f"{name}=")
                for word in line.lower().replace(" ", "").split(";")
                if word.startswith("max-age=")
            ]
            assert ages, f"{name} has no end: {len(user.lines)} cookies"
            assert max(ages) <= seconds, f"{name} lives {ages} s"
            return user.traces()

    return proof


LOST_BETWEEN = (proofs.state_is_lost, proofs.nodes_keep_their_own)
SURVIVES = (proofs.state_survives, proofs.nodes_keep_their_own)

SCENARIOS = (
    Scenario(
        # What the new version keeps in a session the old one does not look for.
        name="deploys-mixed-version-deploy",
        build=ExpressShop(nodes=(*every(version=OLD)[:2], last(version=NEW)[2])),
        proofs=LOST_BETWEEN,
        cause="mixed-version-deploy",
        where=("app3",),
    ),
    Scenario(
        name="deploys-healthy-mixed-version",
        build=ExpressShop(nodes=(*every(version=NEW)[:2], last(version=NEWER)[2])),
        proofs=SURVIVES,
    ),
    Scenario(
        # Two faults at once would be said if this were a deployment: the versions are the same.
        name="deploys-config-drift-one-node",
        build=ExpressShop(nodes=last(cookie="shop.sid")),
        proofs=LOST_BETWEEN,
        cause="config-drift-one-node",
        where=("app3",),
    ),
    Scenario(
        name="deploys-health-check-flapping",
        build=MemoryShop(HAProxy(affinity="insert"), FLAPS),
        proofs=(_taken_out_again_and_again, proofs.nodes_keep_their_own),
        cause="health-check-flapping",
        where=("app2",),
    ),
    Scenario(
        # With a shared store it costs nobody anything.
        name="deploys-healthy-flapping",
        build=ExpressShop(nodes=last(flap_s=1.5)),
        proofs=SURVIVES,
    ),
    Scenario(
        name="deploys-affinity-expired-traefik",
        build=MemoryShop(Traefik(affinity="cookie", cookie="lb", options={"maxAge": 60})),
        proofs=(proofs.state_survives, _cookie_lives_at_most("lb", 60)),
        cause="affinity-expired",
    ),
    Scenario(
        name="deploys-cookie-lifetime-too-short",
        build=PhpShop(HAProxy(), every_php(cookie_lifetime=60)),
        proofs=(proofs.state_survives, _cookie_lives_at_most("PHPSESSID", 60)),
        cause="cookie-lifetime-too-short",
    ),
    Scenario(
        name="deploys-affinity-expired-envoy",
        build=MemoryShop(Envoy(affinity="cookie", ttl=60)),
        proofs=(proofs.state_survives, _cookie_lives_at_most("lb", 60)),
        cause="affinity-expired",
    ),
    Scenario(
        # Copied from the line above and not changed: HAProxy starts without a warning.
        name="deploys-server-cookie-duplicate",
        build=_watched_by_its_socket,
        proofs=LOST_BETWEEN,
        cause="server-cookie-duplicate",
        where=("edge",),
    ),
    Scenario(
        # The first request of a client has no cookie yet, so its session is made elsewhere.
        name="deploys-hash-of-the-session-cookie",
        build=MemoryShop(HAProxy(affinity="cookie-hash")),
        proofs=LOST_BETWEEN,
        cause="lb-no-affinity",
        where=("edge",),
    ),
    Scenario(
        name="deploys-secure-cookie-one-node",
        build=ExpressShop(
            scheme="https", nodes=(*every(secure=True)[:2], replace(last(secure=True)[2], trust_proxy=False))
        ),
        proofs=(proofs.state_is_lost,),
        cause="secure-cookie-behind-tls-offload",
        where=("app3",),
    ),
)
