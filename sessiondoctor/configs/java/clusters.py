"""In-memory clusters: how members find each other, and who may be a member.

Sources: JGroups manual, "Protocols"; Hazelcast reference manual, "Network Configuration".
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sessiondoctor.configs.xml import Element
from sessiondoctor.patterns import regex

if TYPE_CHECKING:
    from collections.abc import Iterable

_DISCOVERY = {
    "PING": "multicast", "MPING": "multicast", "TCPPING": "static", "KUBE_PING": "kubernetes", "DNS_PING": "dns",
    "JDBC_PING": "jdbc", "JDBC_PING2": "jdbc", "FILE_PING": "file", "S3_PING": "aws", "NATIVE_S3_PING": "aws",
    "AWS_PING": "aws", "AZURE_PING": "azure", "GOOGLE_PING": "google", "GOOGLE_PING2": "google", "TCPGOSSIP": "gossip",
    "BPING": "multicast", "LOCAL_PING": "none", "SHARED_LOOPBACK_PING": "none",
}  # fmt: skip
_TRANSPORTS = {"TCP", "TCP_NIO2", "UDP", "TUNNEL"}
_LOOPBACK = regex(r"127\.[0-9.]+|localhost|LOOPBACK|loopback|::1|_local_|lo")


@dataclass(frozen=True, slots=True)
class Stack:
    """A stack of JGroups protocols; `bind` with its element, so that a finding can point at it."""

    discovery: str = ""
    bind: str = ""
    members: tuple[str, ...] = ()
    place: Element | None = None


def is_loopback(address: str) -> bool:
    """Whether an address is one that no other machine reaches."""
    return _LOOPBACK.fullmatch(address.strip()) is not None


def discovery_of(protocol: str) -> str:
    """How members find each other by a protocol of JGroups; empty for an unknown one."""
    return _DISCOVERY.get(protocol.rpartition(".")[2], "")


def stack(protocols: Iterable[Element]) -> Stack:
    """What a list of protocol elements says, as JGroups names them (`TCP`) or WildFly does (`type="TCP"`)."""
    discovery, bind = "", ""
    members: tuple[str, ...] = ()
    place: Element | None = None
    for one in protocols:
        name = (one.get("type") or one.name).rpartition(".")[2]
        if name in _DISCOVERY:
            discovery = _DISCOVERY[name]
            members = _hosts(_property(one, "initial_hosts"))
            place = place or one
        elif name in _TRANSPORTS and (address := _property(one, "bind_addr")):
            bind, place = address, one
    return Stack(discovery, "" if "$" in bind else bind, members, place)


def _property(element: Element, name: str) -> str:
    given = element.get(name) or element.get(name.replace("_", "-"))
    inner = (one.text.strip() for one in element.all("property") if one.get("name") == name)
    return given or next(inner, "")


def _hosts(words: str) -> tuple[str, ...]:
    """`a[7800],b[7800]` as host:port; nothing where it is filled in elsewhere."""
    if "${" in words:
        return ()
    return tuple(f"{host}:{port}" for host, port in re.findall(r"([\w.-]+)\[([0-9]{1,5})\]", words[:4000]))
