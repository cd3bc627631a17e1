"""Apache APISIX: upstreams of routes, as YAML or JSON (apisix.apache.org, Upstream)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sessiondoctor.configs.values import seconds
from sessiondoctor.configs.yaml import documents
from sessiondoctor.evidence.configs.balancing import Affinity, Pool, PoolServer, RealIp
from sessiondoctor.patterns import regex

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sessiondoctor.configs.source import Text
    from sessiondoctor.configs.yaml import Node
    from sessiondoctor.evidence.configs.balancing import AffinityBy
    from sessiondoctor.evidence.configs.fact import Fact

TITLE = "Apache APISIX routes and upstreams"
_TYPE = regex(r"[\"']?type[\"']?[ \t]*:[ \t]*[\"']?(?:chash|roundrobin|ewma|least_conn)\b")
_NODES = regex(r"[\"']?nodes[\"']?[ \t]*:")


def score(_name: str, head: str) -> int:
    """An upstream with a type of APISIX's and nodes."""
    return 82 if _TYPE.search(head) and _NODES.search(head) else 0


def read(text: Text) -> Iterator[Fact]:
    """The facts of every upstream."""
    for root in documents(text.text):
        for key, node in root.walk():
            if node.get("nodes") and node.text("type"):
                yield from _upstream(node, text)
            if key == "real-ip":
                source = node.text("source").removeprefix("http_").replace("_", "-")
                yield RealIp(at=text.at(node.line, node.column), header=source)


def _upstream(node: Node, text: Text) -> Iterator[Fact]:
    at = text.at(node.line, node.column)
    name = node.text("id") or node.text("name")
    servers = [PoolServer(address, address, weight=seconds(weight.text()), at=text.at(weight.line))
               for address, weight in node.items("nodes")]  # fmt: skip
    servers += [PoolServer(f"{one.text('host')}:{one.text('port')}", at=text.at(one.line)) for one in node.each("nodes")
                if one.text("host")]  # fmt: skip
    yield Pool(at=at, name=name, servers=tuple(servers), algorithm=node.text("type"), product="apisix")
    if node.text("type") == "chash":
        place = node.get("key") or node
        key, kind = node.text("key") or "remote_addr", node.text("hash_on") or "vars"
        by: AffinityBy = "app-cookie" if kind == "cookie" else "header" if kind == "header" else "other"
        if kind == "vars":
            by = "address" if "addr" in key else "app-cookie" if "cookie_" in key else "url"
        yield Affinity(at=text.at(place.line, place.column), pool=name, by=by, how="consistent-hash", key=key,
                       directive=f"chash: {key}", product="apisix")  # fmt: skip
