"""A Redis Cluster: ordinary servers with `extra` lines in their configuration, made acquainted with each other."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from tests.lab.errors import LabError
from tests.lab.servers.redis import Redis, client

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tests.lab.workspace import Workspace

SLOTS = 16384
USUAL_PORT = 6379
PATIENCE_S = 20.0


def start_cluster(workspace: Workspace, password: str, shards: int = 3) -> tuple[Redis, ...]:
    """Start a cluster of primaries alone, and wait until each says that all is well."""
    ports = [(workspace.port(USUAL_PORT), workspace.port(10000 + USUAL_PORT)) for _ in range(shards)]
    servers = tuple(
        Redis(f"shard{n}", port, password, extra=_lines(bus, password)) for n, (port, bus) in enumerate(ports)
    )
    workspace.start(*servers)
    _share_out(servers)
    with client(servers[0]) as first:
        for port, bus in ports[1:]:
            first.execute_command("CLUSTER MEET", "127.0.0.1", port, bus)
    wait_for(servers, "cluster_state", "ok")
    return servers


def wait_for(servers: Sequence[Redis], name: str, value: str) -> None:
    """Wait until a field of CLUSTER INFO has a value on each server. Raises `LabError` when it takes too long."""
    limit = time.monotonic() + PATIENCE_S
    for server in servers:
        with client(server) as connection:
            while dict(connection.execute_command("CLUSTER INFO"))[name] != value:
                if time.monotonic() > limit:
                    raise LabError(f"{name} of {server.name} is not {value}")
                time.sleep(0.05)


def _lines(bus: int, password: str) -> tuple[str, ...]:
    return (
        "cluster-enabled yes", f"cluster-port {bus}", "cluster-node-timeout 1000", f"masterauth {password}",
        "cluster-config-file nodes.conf",
    )  # fmt: skip


def _share_out(servers: Sequence[Redis]) -> None:
    for n, server in enumerate(servers):
        first, end = n * SLOTS // len(servers), (n + 1) * SLOTS // len(servers)
        with client(server) as connection:
            connection.execute_command("CLUSTER ADDSLOTSRANGE", first, end - 1)
