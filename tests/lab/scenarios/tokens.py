"""HAProxy in front of three nodes that issue and verify JSON Web Tokens: keys and clocks that differ."""

from __future__ import annotations

import time
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import httpx

from tests.lab import proofs
from tests.lab.cluster import FLOW, Balancer, Cluster, write_topology
from tests.lab.edge import described, start_balancer
from tests.lab.scenario import Scenario
from tests.lab.servers.haproxy import HAProxy
from tests.lab.servers.nginx import Nginx
from tests.lab.servers.token_shop import Pair, TokenShop

if TYPE_CHECKING:
    from tests.lab.workspace import Workspace

KEY_SET = ".well-known/jwks.json"
THREE = tuple(TokenShop(f"app{number}") for number in (1, 2, 3))
OLD, NEW = THREE[0].pairs[0], Pair("2026-2")
SAME_NAME = replace(OLD, make="made at start-up")


def every(**changes: Any) -> tuple[TokenShop, ...]:
    """Three nodes with the same changes."""
    return tuple(replace(node, **changes) for node in THREE)


def third(nodes: tuple[TokenShop, ...] = THREE, **changes: Any) -> tuple[TokenShop, ...]:
    """The nodes, with changes to app3 alone."""
    return (*nodes[:2], replace(nodes[2], **changes))


@dataclass(frozen=True, slots=True)
class Tokens:
    """The cluster; each field is a place for a fault."""

    nodes: tuple[TokenShop, ...] = THREE
    balancer: Balancer = field(default_factory=HAProxy)
    symptoms: tuple[str, ...] = ()

    def __call__(self, workspace: Workspace) -> Cluster:
        """Start it."""
        made = {pair: pair.generate() for node in self.nodes for pair in node.pairs}
        nodes = tuple(
            replace(node, port=workspace.port(5000 + number), keys=tuple(made[pair] for pair in node.pairs))
            for number, node in enumerate(self.nodes, start=1)
        )
        workspace.start(*nodes)
        balancer = start_balancer(workspace, self.balancer, nodes)
        site = f"http://127.0.0.1:{balancer.port}/"
        return Cluster(
            site=site,
            nodes={node.name: node.url for node in nodes},
            balancer=balancer,
            topology=write_topology(workspace.directory, self._description(site, balancer, nodes)),
            secrets=frozenset(str(key.as_dict(private=True)["d"]) for key in made.values()),
        )

    def _description(self, site: str, balancer: Balancer, nodes: tuple[TokenShop, ...]) -> dict[str, Any]:
        return {
            "symptoms": list(self.symptoms),
            "site": {"url": site, "mode": "client-side", "idle_timeout": "30m", "flow": FLOW},
            "load_balancers": [described(balancer)],
            "nodes": [{"name": node.name, "url": node.url, "jwks": f"{node.url}{KEY_SET}"} for node in nodes],
        }


def key_sets_are(**kids: list[str]) -> proofs.Proof:
    """The nodes publish keys of these ids."""

    def proof(cluster: Cluster) -> frozenset[str]:
        for node, expected in kids.items():
            document = httpx.get(f"{cluster.nodes[node]}{KEY_SET}").json()
            assert [key["kid"] for key in document["keys"]] == expected, f"{node}: {document}"
        return proofs.NOTHING

    return proof


def one_refuses(issuer: str, verifier: str) -> proofs.Proof:
    """A fresh token of one node is answered 401 by another, and 200 by itself."""

    def proof(cluster: Cluster) -> frozenset[str]:
        with httpx.Client() as browser:
            browser.post(f"{cluster.nodes[issuer]}cart", data={"item": "naive-first"})
            own = browser.get(f"{cluster.nodes[issuer]}cart").status_code
            other = browser.get(f"{cluster.nodes[verifier]}cart").status_code
            assert (own, other) == (200, 401), f"{issuer} {own}, {verifier} {other}"
            return frozenset(cookie.value or "" for cookie in browser.cookies.jar)

    return proof


def all_accept(cluster: Cluster) -> frozenset[str]:
    """A token of each node is taken by every node at once."""
    traces = proofs.NOTHING
    for url in cluster.nodes.values():
        with httpx.Client() as browser:
            browser.post(f"{url}cart", data={"item": "naive-first"})
            asked = time.monotonic()
            answers = [browser.get(f"{other}cart").status_code for other in cluster.nodes.values()]
            assert set(answers) == {200}, f"{answers} after {time.monotonic() - asked:.2f} s"
            traces |= {cookie.value or "" for cookie in browser.cookies.jar}
    return traces


HEALTHY = (proofs.state_survives, proofs.nodes_keep_their_own, all_accept)
LOST = (proofs.state_is_lost, proofs.nodes_keep_their_own)

SCENARIOS = (
    Scenario(
        name="tokens-healthy",
        build=Tokens(),
        proofs=HEALTHY,
    ),
    Scenario(
        name="tokens-healthy-rotation",
        # app3 signs with the new key already, and everybody knows both; that tokens live for 15 minutes is no fault.
        build=Tokens(nodes=third(every(pairs=(OLD, NEW), lifetime=900), pairs=(NEW, OLD))),
        proofs=(*HEALTHY, key_sets_are(app1=["2026-1", "2026-2"], app3=["2026-2", "2026-1"])),
    ),
    Scenario(
        name="tokens-healthy-skew-within-leeway",
        build=Tokens(nodes=third(every(leeway=60), clock="-5s")),
        proofs=(*HEALTHY, proofs.clock_is_off("app3", -5)),
    ),
    Scenario(
        name="tokens-healthy-ahead-within-leeway",
        build=Tokens(nodes=third(every(leeway=60), clock="+5s"), balancer=Nginx()),
        proofs=(*HEALTHY, proofs.clock_is_off("app3", 5)),
    ),
    Scenario(
        name="tokens-jwt-key-mismatch-other-kid",
        build=Tokens(nodes=third(pairs=(NEW,))),
        proofs=(*LOST, key_sets_are(app1=["2026-1"], app3=["2026-2"]), one_refuses("app1", "app3")),
        cause="jwt-key-mismatch",
        where=("app3",),
    ),
    Scenario(
        name="tokens-jwt-key-mismatch-same-kid",
        build=Tokens(nodes=third(every(lifetime=900), pairs=(SAME_NAME,)), balancer=Nginx()),
        proofs=(*LOST, key_sets_are(app1=["2026-1"], app3=["2026-1"]), one_refuses("app3", "app1")),
        cause="jwt-key-mismatch",
        where=("app3",),
    ),
    Scenario(
        name="tokens-jwt-skew-behind",
        build=Tokens(nodes=third(clock="-90s")),
        proofs=(*LOST, proofs.clock_is_off("app3", -90), one_refuses("app1", "app3")),
        cause="jwt-skew-or-expiry",
        where=("app3",),
    ),
    Scenario(
        name="tokens-jwt-skew-ahead",
        build=Tokens(nodes=third(clock="+90s"), balancer=Nginx()),
        proofs=(*LOST, proofs.clock_is_off("app3", 90), one_refuses("app3", "app2")),
        cause="jwt-skew-or-expiry",
        where=("app3",),
    ),
    Scenario(
        # app3 signs with a key that the others do not have yet; it still verifies theirs.
        name="tokens-key-rotation-no-overlap",
        build=Tokens(nodes=third(pairs=(NEW, OLD))),
        proofs=(*LOST, key_sets_are(app1=["2026-1"], app3=["2026-2", "2026-1"]), one_refuses("app3", "app1")),
        cause="key-rotation-no-overlap",
        where=("app3",),
    ),
    Scenario(
        name="tokens-jwt-expiry",
        build=Tokens(nodes=every(lifetime=6), symptoms=("logged-out-after-fixed-time",)),
        proofs=(proofs.state_is_lost_after(7),),
        cause="jwt-skew-or-expiry",
    ),
)
