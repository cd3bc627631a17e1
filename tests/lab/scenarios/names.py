"""Sites whose name has several addresses, as DNS servers give them out."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import yaml

from tests.lab import proofs
from tests.lab.cluster import write_topology
from tests.lab.scenario import Scenario
from tests.lab.scenarios.doors import BOTH_TO_ONE, HOST, ONE_EACH, DoorShop
from tests.lab.servers.dnsmasq import Dnsmasq
from tests.lab.wanderer import Way, is_kept_by, is_lost_by

if TYPE_CHECKING:
    from tests.lab.cluster import Cluster
    from tests.lab.workspace import Workspace


@dataclass(frozen=True, slots=True)
class NamedShop:
    """A shop with several doors, and resolvers, each with its own idea of where the doors are."""

    text: str
    zones: tuple[tuple[str, ...], ...]

    def __call__(self, workspace: Workspace) -> Cluster:
        """Start it."""
        cluster = DoorShop(self.text)(workspace)
        resolvers = tuple(
            Dnsmasq(f"dns{number}", {HOST: zone}, workspace.port(53)) for number, zone in enumerate(self.zones, 1)
        )
        workspace.start(*resolvers)
        description = yaml.safe_load(cluster.topology.read_text())
        del description["site"]["resolve"]
        description["dns"] = {"resolvers": [resolver.place for resolver in resolvers]}
        return replace(cluster, topology=write_topology(workspace.directory, description))


SCENARIOS = (
    Scenario(
        name="names-healthy",
        build=NamedShop(BOTH_TO_ONE, (("127.0.0.1", "127.0.0.2", "::1"), ("127.0.0.2", "::1", "127.0.0.1"))),
        proofs=(proofs.state_survives, is_kept_by(Way("127.0.0.2")), is_kept_by(Way("[::1]"))),
    ),
    Scenario(
        # The resolvers disagree, and every address leads to the same sessions.
        name="names-healthy-resolvers-disagree",
        build=NamedShop(BOTH_TO_ONE, (("127.0.0.1",), ("127.0.0.2", "::1"))),
        proofs=(proofs.state_survives, is_kept_by(Way("127.0.0.2")), is_kept_by(Way("[::1]"))),
    ),
    Scenario(
        name="names-dns-multi-site-split",
        build=NamedShop(ONE_EACH % "127.0.0.2", (("127.0.0.1", "127.0.0.2"),)),
        proofs=(proofs.state_survives, is_lost_by(Way("127.0.0.2"))),
        cause="dns-multi-site-split",
    ),
    Scenario(
        name="names-dns-multi-site-split-resolvers",
        build=NamedShop(ONE_EACH % "127.0.0.2", (("127.0.0.1",), ("127.0.0.2",))),
        proofs=(proofs.state_survives, is_lost_by(Way("127.0.0.2"))),
        cause="dns-multi-site-split",
    ),
    Scenario(
        name="names-ipv4-ipv6-split",
        build=NamedShop(ONE_EACH % "[::1]", (("127.0.0.1",), ("127.0.0.1", "::1"))),
        proofs=(proofs.state_survives, is_lost_by(Way("[::1]"))),
        cause="ipv4-ipv6-split",
    ),
)
