"""Infinispan and JGroups: infinispan.xml, Keycloak's cache-ispn.xml, and stacks of protocols."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from sessiondoctor.configs.java import clusters
from sessiondoctor.configs.values import whole
from sessiondoctor.configs.xml import read as read_xml
from sessiondoctor.evidence.configs.application import Manager
from sessiondoctor.patterns import regex

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sessiondoctor.configs.source import Text
    from sessiondoctor.configs.xml import Element
    from sessiondoctor.evidence.configs.fact import Fact

TITLE = "Infinispan caches and JGroups stacks (XML)"
_OWN = regex(
    r"<(?:\w+:)?infinispan[\s>]|urn:infinispan:config|urn:org:jgroups|<(?:TCPPING|MPING|TCPGOSSIP|JDBC_PING2?|FILE_PING)\b"
    r"|<(?:org\.jgroups\.protocols\.|kubernetes\.|dns\.|aws\.|azure\.)\w*PING|<(?:KUBE_PING|DNS_PING|AZURE_PING)\b"
    r"|<(?:distributed|replicated|invalidation)-cache\s[^>]{0,200}\bname\s*=|<pbcast\.|<MERGE3\b"
)
CACHES = ("distributed-cache", "replicated-cache", "invalidation-cache", "local-cache", "scattered-cache")
_CONFIGURATIONS = tuple(f"{name}-configuration" for name in CACHES)


def score(name: str, head: str) -> int:
    """Elements and name spaces of both."""
    if "urn:jboss:domain" in head or not _OWN.search(head):
        return 0
    return 89 if re.search(r"ispn|infinispan|jgroups", name) else 86


def read(text: Text) -> Iterator[Fact]:
    """The cluster and each cache."""
    root = read_xml(text.text)
    yield from _stacks(root, text)
    for cache in root.walk(*CACHES, *_CONFIGURATIONS):
        yield cache_of(cache, text)


def _stacks(root: Element, text: Text) -> Iterator[Fact]:
    transport = next(root.walk("transport"), None)
    name = transport.get("cluster") if transport else ""
    holders = [*root.walk("stack"), *root.walk("config")]
    for holder in holders or [root]:
        found = clusters.stack(holder.children)
        if found.place:
            at = text.at(found.place.line_of("bind_addr") if found.bind else found.place.line, found.place.column)
            yield Manager(at=at, product="jgroups", discovery=found.discovery, bind=found.bind, members=found.members,
                          settings=_named(name, holder.get("name")))  # fmt: skip


def _named(cluster: str, stack: str) -> tuple[tuple[str, str], ...]:
    told = (("role", "cluster"), ("cluster", "" if "$" in cluster else cluster), ("stack", stack))
    return tuple((name, value) for name, value in told if value)


def cache_of(cache: Element, text: Text) -> Manager:
    """A cache: its kind, its copies, and whether it waits for them."""
    kind = cache.name.removesuffix("-configuration").removesuffix("-cache")
    owners = whole(cache.get("owners"))
    expiration = next(cache.all("expiration"), None)
    told = (("role", "cache"), ("name", cache.get("name")), ("kind", kind),
            ("max-idle", expiration.get("max-idle") if expiration else ""), ("bounded", _bound(cache)))  # fmt: skip
    return Manager(
        at=text.at(cache.line_of("owners") if owners is not None else cache.line, cache.column),
        product="infinispan",
        distributable=kind != "local",
        backups=owners - 1 if owners and kind == "distributed" else None,
        asynchronous=True if cache.get("mode").upper() == "ASYNC" else None,
        settings=tuple((name, value) for name, value in told if value),
    )


def _bound(cache: Element) -> str:
    """How many entries it may hold, if there is a limit."""
    memory = cache.first("memory")
    return (memory.get("max-count") or memory.get("max-size")) if memory else ""
