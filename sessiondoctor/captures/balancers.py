"""What balancers print of themselves.

HAProxy's `show stat` and `show servers state`; Envoy's `/clusters?format=json` and `/config_dump`. Who recognises a
text needs no probe: they are loaded by what reads it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sessiondoctor.errors import Unavailable
from sessiondoctor.topology.model import Balancer

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sessiondoctor.evidence.balancers.status import BalancerStatus, Server
    from sessiondoctor.topology.model import Topology

_HEADER = "# pxname,svname,"
_STATE_HEADER = "# be_id be_name srv_id srv_name "
_MOST_SERVERS = 5000
# HAProxy management guide, "show servers state": operational states; bits of the administrative state.
_OPERATION = {"0": "DOWN", "1": "UP", "2": "UP", "3": "DRAIN"}
_MAINTENANCE, _DRAIN = 0x01 | 0x02 | 0x04 | 0x20 | 0x40, 0x08 | 0x10


def looks_like_haproxy(text: str) -> bool:
    """By the heading of the CSV, which an `echo show stat | socat` may stand before."""
    return _HEADER in text[:20_000]


def read_haproxy(text: str, name: str, topology: Topology) -> BalancerStatus:
    """The balancer's servers.

    Raises:
        Unavailable: it is no such CSV.
    """
    from sessiondoctor.probes.balancers.haproxy import read_statistics

    return read_statistics(text[max(text.find(_HEADER), 0) :], Balancer(name, kind="haproxy"), topology.nodes)


def looks_like_servers_state(text: str) -> bool:
    """By its heading, below the version of the format."""
    return _STATE_HEADER in text[:20_000]


def read_servers_state(text: str, name: str, topology: Topology) -> BalancerStatus:
    """The balancer's servers; how it keeps clients is not in this table.

    Raises:
        Unavailable: it has no line of a server.
    """
    table = text[max(text.find(_STATE_HEADER), 0) + 2 :].splitlines()[: _MOST_SERVERS + 1]
    names, *lines = table or [""]
    from sessiondoctor.evidence.balancers.status import BalancerStatus

    columns = names.split()
    rows = [dict(zip(columns, line.split(), strict=False)) for line in lines if line and not line.startswith("#")]
    servers = tuple(_server(row, topology) for row in rows if "srv_admin_state" in row)
    if not servers:
        raise Unavailable("this table of HAProxy's servers has no line of a server")
    return BalancerStatus(name, "haproxy", "", "", servers)


def _server(row: Mapping[str, str], topology: Topology) -> Server:
    from sessiondoctor.evidence.balancers.status import Server
    from sessiondoctor.probes.balancers.status_page import node_of

    address = f"{row['srv_addr']}:{row['srv_port']}" if row.get("srv_port") else row["srv_addr"]
    changed, weight = row.get("srv_time_since_last_change", ""), row.get("srv_uweight", "")
    return Server(
        pool=row["be_name"],
        name=row["srv_name"],
        node=node_of(topology.nodes, address=address, name=row["srv_name"]),
        address=address,
        status=_status(row),
        weight=int(weight) if weight.isdecimal() else 0,
        last_change_s=int(changed) if changed.isdecimal() else None,
    )


def _status(row: Mapping[str, str]) -> str:
    told = row["srv_admin_state"]
    bits = int(told) if told.isdecimal() else 0
    if bits & _MAINTENANCE:
        return "MAINT"
    return "DRAIN" if bits & _DRAIN else _OPERATION.get(row["srv_op_state"], "")


def looks_like_config_dump(text: str) -> bool:
    """By the types of its parts."""
    return "envoy.admin.v3." in text[:20_000] and '"configs"' in text[:20_000]


def looks_like_envoy(text: str) -> bool:
    """By the key that only this answer has."""
    return '"cluster_statuses"' in text[:20_000]


def read_envoy(text: str, name: str, topology: Topology, config_dump: str = "{}") -> BalancerStatus:
    """The hosts of the cluster that matters, and how clients are kept, which only its `/config_dump` tells.

    Raises:
        Unavailable: it is no such JSON, or has no cluster with hosts.
    """
    from sessiondoctor.probes.balancers import envoy

    return envoy.read((text, config_dump), Balancer(name, kind="envoy"), topology.nodes)
