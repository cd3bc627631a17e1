"""Traefik's labels on containers: `traefik.http.services.NAME.loadbalancer.sticky.cookie...` (and of version 1)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from sessiondoctor.configs.values import boolean, seconds
from sessiondoctor.evidence.configs.balancing import Affinity, Mistake
from sessiondoctor.evidence.configs.fact import CookieRule
from sessiondoctor.patterns import regex

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from sessiondoctor.configs.source import Text
    from sessiondoctor.configs.yaml import Node
    from sessiondoctor.evidence.configs.fact import Fact

_STICKY = regex(r"traefik\.http\.services\.([\w@-]+)\.loadbalancer\.sticky(?:\.cookie(?:\.(\w+))?)?", re.IGNORECASE)
_FIRST = regex(r"traefik\.(?:backend\.)?loadbalancer\.(?:stickiness|sticky)(?:\.cookieName)?", re.IGNORECASE)
_NEAR = regex(
    r"traefik\.http\.services\.[\w@-]+\.load[-_]?balancer\.stick\w*|traefik\.http\.services\.[\w@-]+\.sticky\b",
    re.IGNORECASE,
)


def labels(found: Mapping[str, Node], text: Text) -> Iterator[Fact]:
    """The affinity that labels ask for, one for each service they name."""
    by_service: dict[str, dict[str, Node]] = {}
    for key, node in found.items():
        if match := _STICKY.fullmatch(key):
            by_service.setdefault(match[1], {})[(match[2] or "").lower()] = node
        elif _FIRST.fullmatch(key) and boolean(_value(node)) is not False:
            yield Affinity(at=text.at(node.line, node.column), by="cookie", how="name", cookie=CookieRule(),
                           directive=key, product="traefik")  # fmt: skip
        elif _NEAR.match(key):
            yield Mistake(at=text.at(node.line, node.column), word=key, about="affinity",
                          meant="traefik.http.services.NAME.loadbalancer.sticky.cookie")  # fmt: skip
    for service, settings in by_service.items():
        yield from _affinity(service, settings, text)


def _value(node: Node) -> str:
    return node.text().rpartition("=")[2]


def _affinity(service: str, settings: dict[str, Node], text: Text) -> Iterator[Fact]:
    told = {name: _value(node) for name, node in settings.items()}
    if boolean(told.get("", "true")) is False:
        return
    node = next(iter(settings.values()))
    rule = CookieRule(
        name=told.get("name", ""),
        secure=boolean(told.get("secure", "")),
        http_only=boolean(told.get("httponly", "")),
        same_site=told.get("samesite", "").lower(),
        life_s=seconds(told.get("maxage", "")),
    )
    yield Affinity(
        at=text.at(node.line, node.column),
        pool=service,
        by="cookie",
        how="name",
        key=rule.name,
        cookie=rule,
        life_s=rule.life_s or None,
        directive="sticky.cookie",
        product="traefik",
    )
