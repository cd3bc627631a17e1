"""Hazelcast: hazelcast.xml, hazelcast.yaml and the client's (docs.hazelcast.com, Reference Manual)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from sessiondoctor.configs import yaml
from sessiondoctor.configs.java import clusters
from sessiondoctor.configs.values import boolean, seconds, whole
from sessiondoctor.configs.xml import Element
from sessiondoctor.configs.xml import read as read_xml
from sessiondoctor.evidence.configs.application import Manager
from sessiondoctor.patterns import regex

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sessiondoctor.configs.source import Text
    from sessiondoctor.evidence.configs.fact import Fact

TITLE = "Hazelcast (XML and YAML)"
_XML = regex(
    r"<(?:\w+:)?hazelcast(?:-client)?[\s>]|<(?:multicast|tcp-ip|aws|kubernetes|eureka|auto-detection)\s[^>]{0,200}enabled\s*="
    r"|<(?:backup-count|async-backup-count|max-idle-seconds|multicast-group|cluster-members)>"
)
_YAML = regex(r"^hazelcast(?:-client)?:[ \t]*(?:$|[{#])", re.MULTILINE)
_WAYS = {
    "multicast": "multicast", "tcp-ip": "static", "kubernetes": "kubernetes", "aws": "aws", "gcp": "google",
    "azure": "azure", "eureka": "eureka", "auto-detection": "automatic", "discovery-strategies": "plugin",
}  # fmt: skip
_MOST = 20_000


def score(name: str, head: str) -> int:
    """Its root element or key, and elements that only it has."""
    if not (_XML.search(head) or _YAML.search(head)):
        return 0
    return 90 if "hazelcast" in name else 87


def read(text: Text) -> Iterator[Fact]:
    """The cluster, and each map."""
    root = _of_yaml(text.text) if _YAML.search(text.text) else read_xml(text.text)
    yield from _cluster(root, text)
    for one in root.walk("map"):
        yield from _map(one, text)


def _of_yaml(text: str) -> Element:
    """The same tree as of XML: `map: {sessions: {...}}` is `<map name="sessions">`."""
    root = Element("", {}, 1, 1, closed=True)
    waiting = [("", node, root) for node in yaml.documents(text)]
    for _ in range(_MOST):
        if not waiting:
            break
        name, node, parent = waiting.pop(0)
        if name in {"map", "replicated-map"} and isinstance(node.value, dict):
            for key, inner in node.items():
                made = Element(name, {"name": key}, inner.line, inner.column, closed=True)
                parent.children.append(made)
                waiting += [(word, child, made) for word, child in inner.items()]
            continue
        made = Element(name, {}, node.line, node.column, closed=True)
        parent.children.append(made)
        if isinstance(node.value, str):
            made.text = node.value
        elif isinstance(node.value, list):
            waiting += [("member", item, made) for item in node.value]
        else:
            waiting += [(word, child, made) for word, child in node.items()]
    return root


def _said(element: Element, name: str) -> str:
    return element.get(name) or element.words(name)


def _cluster(root: Element, text: Text) -> Iterator[Fact]:
    home = next(root.walk("hazelcast", "hazelcast-client"), None)
    join = next(root.walk("join"), None)
    holder = join or next((one for one in (home, root) if one and any(one.all(*_WAYS))), None)
    bind, place = _bind(root)
    if not (home or holder or place):
        return
    way = _enabled(holder) if holder else None
    client = home is not None and home.name == "hazelcast-client"
    members = _members(way.walk("member", "member-list", "members", "interface")) if way else ()
    if client and (listed := next(root.walk("cluster-members"), None)):
        members = _members(listed.walk())
    name = next(
        (words for one in (home, root) if one and (words := one.words("cluster-name") or one.words("group", "name"))),
        "",
    )
    discovery = (
        _WAYS[way.name] if way else "none" if holder and holder is join and holder.closed and holder.children else ""
    )
    where = place or way or home or holder or root
    told = (("role", "client" if client else "cluster"), ("cluster", "" if "$" in name else name))
    yield Manager(
        at=text.at(where.line, where.column),
        product="hazelcast",
        discovery="" if client else discovery,
        bind=bind,
        members=members,
        settings=tuple((key, value) for key, value in told if value),
        stack="hazelcast",
    )


def _enabled(holder: Element) -> Element | None:
    """How members find each other: the first way that is on; of a fragment what is shown."""
    for one in holder.all(*_WAYS):
        if boolean(_said(one, "enabled") or "false") or (one.name == "discovery-strategies" and one.children):
            return one
    return None


def _members(found: Iterator[Element]) -> tuple[str, ...]:
    words = [one.text.strip() for one in found]
    return tuple(
        part for word in words if word and "$" not in word for part in re.split(r"[,\s]+", word[:4000]) if part
    )


def _bind(root: Element) -> tuple[str, Element | None]:
    """The address that the member binds to, if it is said to be one that nobody else reaches."""
    for interfaces in root.walk("interfaces"):
        inner = next((one for one in interfaces.walk("interface", "member") if one.text.strip()), None)
        if boolean(_said(interfaces, "enabled")) and inner:
            return inner.text.strip(), inner
    for one in root.walk("property", "hazelcast.local.localAddress", "public-address"):
        if one.name != "property" or one.get("name") == "hazelcast.local.localAddress":
            address = one.text.strip()
            if clusters.is_loopback(address.partition(":")[0]):
                return address, one
    return "", None


def _map(one: Element, text: Text) -> Iterator[Fact]:
    copies, later = whole(one.words("backup-count")), whole(one.words("async-backup-count"))
    idle = seconds(one.words("max-idle-seconds"))
    if copies is None and later is None and not idle:
        return
    place = one.first("backup-count") if copies is not None else one.first("max-idle-seconds")
    told = (("role", "map"), ("name", one.get("name")), ("max-idle", f"{idle:g}" if idle else ""))
    yield Manager(
        at=text.at((place or one).line, (place or one).column),
        product="hazelcast",
        backups=None if copies is None else copies + (later or 0),
        asynchronous=True if copies == 0 and later else None,
        settings=tuple((key, value) for key, value in told if value),
        stack="hazelcast",
    )
