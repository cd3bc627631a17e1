"""Traefik's dynamic configuration: services with `sticky`, as YAML or TOML (doc.traefik.io, Services)."""

from __future__ import annotations

import re
import tomllib
from typing import TYPE_CHECKING, Any

from sessiondoctor.configs.manifests.objects import Object
from sessiondoctor.configs.manifests.routes import sticky_cookie
from sessiondoctor.configs.source import Unreadable
from sessiondoctor.configs.values import seconds
from sessiondoctor.configs.yaml import Node, documents, without_templates
from sessiondoctor.evidence.configs.balancing import Pool, PoolServer, Rule
from sessiondoctor.patterns import regex

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sessiondoctor.configs.source import Text
    from sessiondoctor.evidence.configs.fact import Fact

TITLE = "Traefik dynamic configuration (YAML, TOML)"
_YAML = regex(r"^[ \t]*(?:loadBalancer|weighted|mirroring)[ \t]*:", re.MULTILINE | re.IGNORECASE)
_TOML = regex(r"^[ \t]*\[+(?:http|tcp)\.(?:services|routers|middlewares)\.", re.MULTILINE)
_DEEPEST = 30


def score(_name: str, head: str) -> int:
    """`http.services` with load balancers."""
    if "apiVersion:" in head:
        return 0
    if _TOML.search(head):
        return 86
    named = re.search(r"^(?:http|tcp):", head, re.MULTILINE) and re.search(
        r"^[ \t]+(?:services|routers):", head, re.MULTILINE
    )
    return 84 if named else 70 if _YAML.search(head) and re.search(r"^[ \t]*sticky[ \t]*:", head, re.MULTILINE) else 0


def read(text: Text) -> Iterator[Fact]:
    """The facts of every service."""
    roots = [_toml(text)] if _TOML.search(text.text) else documents(text.text)
    for root in roots:
        services = list(root.items("http", "services")) or list(root.items("services")) or [("", root)]
        for name, service in services:
            yield from _service(name, service, text)


def _toml(text: Text) -> Node:
    """TOML as a tree; the library gives no lines, so that a key's line is found by its words."""
    try:
        data = tomllib.loads(without_templates(text.text))
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise Unreadable(f"not valid TOML: {str(error)[:80]}") from None
    lines = text.text.split("\n")
    return _tree(data, "", lines, 0)


def _tree(value: Any, key: str, lines: list[str], depth: int) -> Node:
    line = next((number for number, one in enumerate(lines, 1) if re.search(rf"[\[.\s]?\b{re.escape(key)}\b", one)), 1)
    if isinstance(value, dict) and depth < _DEEPEST:
        return Node({name: _tree(inner, name, lines, depth + 1) for name, inner in value.items()}, line, 1, line)
    if isinstance(value, list) and depth < _DEEPEST:
        return Node([_tree(inner, key, lines, depth + 1) for inner in value], line, 1, line)
    return Node(str(value).lower() if isinstance(value, bool) else str(value), line, 1, line)


def _service(name: str, service: Node, text: Text) -> Iterator[Fact]:
    balancer = service.get("loadBalancer") or service.get("loadbalancer")
    if balancer:
        servers = tuple(PoolServer(one.text("url") or one.text("address"), at=text.at(one.line))
                        for one in balancer.each("servers"))  # fmt: skip
        yield Pool(at=text.at(balancer.line, balancer.column), name=name, servers=servers, product="traefik")
        sticky = balancer.get("sticky")
        if sticky:
            cookie = sticky.get("cookie") or sticky
            one = Object("", name, service, service, text, fragment=True)
            yield sticky_cookie(one, cookie, name)
    weighted = [
        (one.text("name"), seconds(one.text("weight") or "1") or 0.0) for one in service.each("weighted", "services")
    ]
    if len(weighted) > 1:
        place = service.get("weighted") or service
        yield Rule(at=text.at(place.line, place.column), kind="weight", scope=name, targets=tuple(weighted),
                   sticky=service.get("weighted", "sticky") is not None)  # fmt: skip
