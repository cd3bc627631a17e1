"""Redisson: redisson.yaml and its JSON (redisson.pro, Configuration)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from sessiondoctor.configs import yaml
from sessiondoctor.configs.values import endpoint
from sessiondoctor.evidence.configs.application import SessionStore, Setting
from sessiondoctor.patterns import regex

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sessiondoctor.configs.source import Text
    from sessiondoctor.configs.yaml import Node
    from sessiondoctor.evidence.configs.fact import Fact

TITLE = "Redisson (YAML, JSON)"
_KINDS = {
    "singleServerConfig": "address",
    "clusterServersConfig": "nodeAddresses",
    "replicatedServersConfig": "nodeAddresses",
    "sentinelServersConfig": "sentinelAddresses",
    "masterSlaveServersConfig": "masterAddress",
}
_CODEC = regex(
    r"^[ \t\"]*codec\"?[ \t]*:[ \t]*"
    r"(?:!<([\w.$]{1,200})>|\{[^\n]{0,40}\"class\"[ \t]*:[ \t]*\"([\w.$]{1,200})\")",
    re.MULTILINE,
)
_OWN = regex(rf"^[ \t\"{{]*(?:{'|'.join(_KINDS)})\"?[ \t]*:", re.MULTILINE)


def score(_name: str, head: str) -> int:
    """One of its five kinds of servers."""
    return 92 if _OWN.search(head) else 0


def read(text: Text) -> Iterator[Fact]:
    """Where Redis is, what reads from replicas, and the codec."""
    for root in yaml.documents(text.text):
        for kind, addresses in _KINDS.items():
            if node := root.get(kind):
                yield from _servers(kind, node, addresses, text)


def _servers(kind: str, node: Node, addresses: str, text: Text) -> Iterator[Fact]:
    listed = [item.text() for item in node.each(addresses)]
    where = ",".join(place for word in listed if (place := endpoint(word, 6379)[0]))
    found = node.get(addresses) or node
    codec = _codec(text.text)
    yield SessionStore(at=text.at(found.line, found.column), place="redis", endpoint=where, role="unknown",
                       database=node.text("database"), serializer=codec, stack="tomcat")  # fmt: skip
    if kind != "singleServerConfig":
        mode = node.get("readMode") or node
        yield Setting(at=text.at(mode.line, mode.column), name="readMode", value=node.text("readMode") or "SLAVE",
                      scope="redisson", stack="tomcat")  # fmt: skip


def _codec(text: str) -> str:
    found = _CODEC.search(text)
    return (found[1] or found[2]).rpartition(".")[2] if found else ""
