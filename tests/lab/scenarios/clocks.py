"""Clocks of nodes that are off, by a lot or by a little, and time servers that say so."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import yaml

from tests.lab import proofs
from tests.lab.cluster import write_topology
from tests.lab.scenario import Scenario
from tests.lab.scenarios.express import ExpressShop, every
from tests.lab.servers.chrony import Chrony

if TYPE_CHECKING:
    from tests.lab.cluster import Cluster
    from tests.lab.workspace import Workspace

HALF_AN_HOUR = 1800


@dataclass(frozen=True, slots=True)
class TimedShop:
    """An Express shop whose nodes answer NTP, each with the clock that `clocks` says; "" is the real time."""

    shop: ExpressShop
    clocks: Mapping[str, str]

    def __call__(self, workspace: Workspace) -> Cluster:
        """Start it."""
        cluster = self.shop(workspace)
        servers = {node: Chrony(f"ntp-{node}", clock, workspace.port(123)) for node, clock in self.clocks.items()}
        workspace.start(*servers.values())
        description = yaml.safe_load(cluster.topology.read_text())
        for node in description["nodes"]:
            if node["name"] in servers:
                node["ntp"] = servers[node["name"]].place
        return replace(cluster, topology=write_topology(workspace.directory, description))


def _saying(workspace: Workspace) -> Cluster:
    """Users complain about being logged out after a pause, and everything is as configured."""
    cluster = ExpressShop(nodes=every(ttl=900), idle_timeout="15m")(workspace)
    description = yaml.safe_load(cluster.topology.read_text())
    description["symptoms"] = ["logged-out-after-idle"]
    return replace(cluster, topology=write_topology(workspace.directory, description))


def of(*clocks: str) -> dict[str, str]:
    """The clocks of app1, app2, app3."""
    return {f"app{number}": clock for number, clock in enumerate(clocks, 1)}


def shop(max_age: int, clock: str) -> ExpressShop:
    """Three nodes whose cookies, and sessions, live for so long; app3 has another clock."""
    nodes = every(max_age=max_age)
    return ExpressShop(nodes=(*nodes[:2], replace(nodes[2], clock=clock)), idle_timeout=f"{max_age // 60}m")


SCENARIOS = (
    Scenario(
        # express-session renews the expiry without looking at it: a clock that is ahead loses nobody.
        name="clocks-healthy-ahead",
        build=shop(HALF_AN_HOUR, "+45m"),
        proofs=(proofs.state_survives, proofs.clock_is_off("app3", 2700)),
    ),
    Scenario(
        name="clocks-ntp-behind",
        build=TimedShop(shop(60, "-90s"), of("", "", "-90s")),
        proofs=(proofs.state_is_lost, proofs.clock_is_off("app3", -90)),
        cause="clock-skew",
        where=("app3",),
    ),
    Scenario(
        name="clocks-idle-timeout-too-short",
        build=_saying,
        proofs=(proofs.state_survives, proofs.keys_live_at_most(900)),
        cause="idle-timeout-too-short",
    ),
    Scenario(
        # Five seconds of thirty minutes: nothing here notices.
        name="clocks-healthy-ntp-ahead",
        build=TimedShop(shop(HALF_AN_HOUR, "+5s"), of("", "", "+5s")),
        proofs=(proofs.state_survives, proofs.clock_is_off("app3", 5)),
    ),
)
