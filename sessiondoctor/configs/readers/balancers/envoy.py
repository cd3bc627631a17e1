"""Envoy: static configuration in YAML or JSON: clusters, hash policies, stateful sessions (envoyproxy.io/docs)."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from sessiondoctor.configs.values import boolean, seconds
from sessiondoctor.configs.yaml import documents
from sessiondoctor.evidence.configs.balancing import Affinity, Ejection, Pool, PoolServer, Rule
from sessiondoctor.evidence.configs.fact import CookieRule
from sessiondoctor.patterns import regex

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sessiondoctor.configs.source import Text
    from sessiondoctor.configs.yaml import Node
    from sessiondoctor.evidence.configs.fact import Fact

TITLE = "Envoy configuration (YAML, JSON)"
_WORDS = regex(
    r"\b(?:static_resources|load_assignment|lb_policy|hash_policy|filter_chains|http_filters|stateful_session)"
    r"[\"']?[ \t]*:|envoy\.filters\.http\."
)


def score(_name: str, head: str) -> int:
    """Keys that only Envoy has."""
    found = len(set(_WORDS.findall(head)))
    return 0 if "apiVersion:" in head or not found else min(90, 72 + 6 * found)


def read(text: Text) -> Iterator[Fact]:
    """The facts of clusters and routes."""
    for root in documents(text.text):
        for _, node in root.walk():
            if node.get("load_assignment"):
                yield from _cluster(node, text)
            if policies := node.get("hash_policy"):
                yield from (_hash(one, node.text("cluster"), text) for one in policies.each())
            if (split := node.get("weighted_clusters")) and len(list(split.each("clusters"))) > 1:
                targets = tuple(
                    (one.text("name"), seconds(one.text("weight")) or 0.0) for one in split.each("clusters")
                )
                yield Rule(at=text.at(split.line, split.column), kind="weight", targets=targets)
            if state := node.get("session_state", "typed_config", "cookie"):
                rule = CookieRule(name=state.text("name"), path=state.text("path"), life_s=seconds(state.text("ttl")))
                yield Affinity(
                    at=text.at(state.line, state.column),
                    by="cookie",
                    how="name",
                    key=rule.name,
                    cookie=rule,
                    life_s=rule.life_s or None,
                    directive="stateful_session",
                    product="envoy",
                )


def _cluster(node: Node, text: Text) -> Iterator[Fact]:
    name = node.text("name")
    servers = []
    for group in node.each("load_assignment", "endpoints"):
        for one in group.each("lb_endpoints"):
            address = one.get("endpoint", "address", "socket_address")
            if address:
                servers.append(
                    PoolServer(f"{address.text('address')}:{address.text('port_value')}", at=text.at(one.line))
                )
    yield Pool(at=text.at(node.line, node.column), name=name, servers=tuple(servers), product="envoy",
               algorithm=node.text("lb_policy"))  # fmt: skip
    if ejection := node.get("outlier_detection"):
        yield Ejection(at=text.at(ejection.line, ejection.column), pool=name)


def _hash(node: Node, pool: str, text: Text) -> Affinity:
    base = Affinity(at=text.at(node.line, node.column), pool=pool, how="consistent-hash", product="envoy",
                    directive="hash_policy")  # fmt: skip
    if cookie := node.get("cookie"):
        own = cookie.get("ttl") is not None
        rule = CookieRule(name=cookie.text("name"), path=cookie.text("path"), life_s=seconds(cookie.text("ttl")))
        return replace(
            base, by="cookie" if own else "app-cookie", key=rule.name, cookie=rule, life_s=rule.life_s or None
        )
    if header := node.get("header"):
        return replace(base, by="header", key=header.text("header_name"))
    if boolean(node.text("connection_properties", "source_ip")):
        return replace(base, by="address", key="source_ip")
    return base
