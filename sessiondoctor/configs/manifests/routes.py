"""Istio, Gateway API, Traefik, Contour, Envoy Gateway: routes and how they keep clients."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sessiondoctor.configs.manifests.objects import base_name
from sessiondoctor.configs.values import boolean, seconds
from sessiondoctor.evidence.configs.balancing import Affinity, Ejection, Proxy, Rule
from sessiondoctor.evidence.configs.fact import CookieRule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sessiondoctor.configs.manifests.objects import Object
    from sessiondoctor.configs.yaml import Node
    from sessiondoctor.evidence.configs.balancing import AffinityBy
    from sessiondoctor.evidence.configs.fact import Fact


def destination_rule(one: Object) -> Iterator[Fact]:
    """Istio's DestinationRule; a fragment may begin at `trafficPolicy` or at `consistentHash`."""
    pool = base_name(one.spec.text("host"))
    policy = one.spec.get("trafficPolicy") or one.spec
    balancer = policy.get("loadBalancer") or policy
    if node := balancer.get("consistentHash"):
        yield _consistent_hash(one, node, pool)
    if node := policy.get("outlierDetection"):
        yield Ejection(at=one.text.at(node.line, node.column), pool=pool)


def _consistent_hash(one: Object, node: Node, pool: str) -> Affinity:
    at = one.text.at(node.line, node.column)
    if cookie := node.get("httpCookie"):
        life = seconds(cookie.text("ttl"))
        rule = CookieRule(name=cookie.text("name"), path=cookie.text("path"), life_s=life)
        return Affinity(
            at=at,
            pool=pool,
            by="cookie",
            how="consistent-hash",
            key=rule.name,
            cookie=rule,
            life_s=life or None,
            directive="consistentHash: httpCookie",
            product="istio",
        )
    if boolean(node.text("useSourceIp")):
        return Affinity(
            at=at,
            pool=pool,
            by="address",
            how="consistent-hash",
            directive="consistentHash: useSourceIp",
            product="istio",
        )
    key = node.text("httpHeaderName") or node.text("httpQueryParameterName")
    return Affinity(
        at=at,
        pool=pool,
        by="header" if node.get("httpHeaderName") else "url",
        how="consistent-hash",
        key=key,
        directive="consistentHash",
        product="istio",
    )


def virtual_service(one: Object) -> Iterator[Fact]:
    """Istio's VirtualService: weights among subsets are drawn for each request."""
    for http in one.spec.each("http"):
        targets = [_istio_target(route) for route in http.each("route")]
        if len({name for name, _ in targets}) > 1 and sum(weight > 0 for _, weight in targets) > 1:
            place = http.get("route") or http
            yield Rule(at=one.text.at(place.line, place.column), kind="weight", scope=one.name, targets=tuple(targets))


def _istio_target(route: Node) -> tuple[str, float]:
    host, subset = base_name(route.text("destination", "host")), route.text("destination", "subset")
    return f"{host}/{subset}" if subset else host, seconds(route.text("weight")) or 0.0


def http_route(one: Object) -> Iterator[Fact]:
    """Gateway API's HTTPRoute; sessionPersistence is GEP-1619."""
    hosts = [host.text() for host in one.spec.each("hostnames")] or [""]
    for rule in (*one.spec.each("rules"), *([one.spec] if one.fragment else [])):
        backends = [(ref.text("name"), seconds(ref.text("weight") or "1") or 0.0) for ref in rule.each("backendRefs")]
        persistence = rule.get("sessionPersistence")
        if persistence:
            yield from (_persistence(one, persistence, name) for name, _ in (backends or [("", 0.0)]))
        yield from (
            Proxy(at=one.text.at(rule.line), host=host, target=name, product="gateway-api")
            for host in hosts
            for name, _ in backends
        )
        weighted = [backend for backend in backends if backend[1]]
        if len(weighted) > 1:
            yield Rule(
                at=one.text.at(rule.line),
                kind="weight",
                scope=one.name,
                targets=tuple(weighted),
                sticky=bool(persistence),
            )


def _persistence(one: Object, node: Node, pool: str) -> Affinity:
    life = seconds(node.text("absoluteTimeout"))
    name = node.text("sessionName")
    header = node.text("type") == "Header"
    rule = None if header else CookieRule(name=name, life_s=life)
    return Affinity(
        at=one.text.at(node.line, node.column),
        pool=pool,
        by="header" if header else "cookie",
        how="name",
        key=name,
        cookie=rule,
        life_s=life,
        directive="sessionPersistence",
        product="gateway-api",
    )


def ingress_route(one: Object) -> Iterator[Fact]:
    """Traefik's IngressRoute and TraefikService."""
    lists = [
        *(services for route in one.spec.each("routes") for services in [list(route.each("services"))]),
        list(one.spec.each("weighted", "services")),
    ]
    for services in lists:
        for service in services:
            yield Proxy(at=one.text.at(service.line), target=service.text("name"), product="traefik")
            if cookie := service.get("sticky", "cookie"):
                yield sticky_cookie(one, cookie, service.text("name"))
        weighted = [(service.text("name"), seconds(service.text("weight")) or 0.0) for service in services]
        if sum(weight > 0 for _, weight in weighted) > 1:
            sticky = one.spec.get("weighted", "sticky") is not None
            yield Rule(
                at=one.text.at(services[0].line), kind="weight", scope=one.name, targets=tuple(weighted), sticky=sticky
            )


def sticky_cookie(one: Object, cookie: Node, pool: str) -> Affinity:
    """Traefik's `sticky: {cookie: {...}}`."""
    rule = CookieRule(
        name=cookie.text("name"),
        secure=boolean(cookie.text("secure")),
        http_only=boolean(cookie.text("httpOnly")),
        same_site=cookie.text("sameSite").lower(),
        life_s=seconds(cookie.text("maxAge")),
    )
    return Affinity(
        at=one.text.at(cookie.line, cookie.column),
        pool=pool,
        by="cookie",
        how="name",
        key=rule.name,
        cookie=rule,
        life_s=rule.life_s or None,
        directive="sticky: cookie",
        product="traefik",
    )


def http_proxy(one: Object) -> Iterator[Fact]:
    """Contour's HTTPProxy."""
    host = one.spec.text("virtualhost", "fqdn")
    for route in one.spec.each("routes"):
        strategy = route.get("loadBalancerPolicy", "strategy")
        for service in route.each("services"):
            name = service.text("name")
            yield Proxy(at=one.text.at(route.line), host=host, target=name, product="contour")
            if strategy and strategy.text() == "Cookie":
                rule = CookieRule(name="X-Contour-Session-Affinity")
                yield Affinity(
                    at=one.text.at(strategy.line),
                    pool=name,
                    by="cookie",
                    how="consistent-hash",
                    key=rule.name,
                    cookie=rule,
                    directive="strategy: Cookie",
                    product="contour",
                )


def backend_traffic_policy(one: Object) -> Iterator[Fact]:
    """Envoy Gateway's BackendTrafficPolicy."""
    node = one.spec.get("loadBalancer", "consistentHash")
    if not node:
        return
    kind = node.text("type")
    name, life = node.text("cookie", "name"), seconds(node.text("cookie", "ttl"))
    known: dict[str, AffinityBy] = {"Cookie": "cookie", "SourceIP": "address", "Header": "header"}
    by = known.get(kind, "other")
    rule = CookieRule(name=name, life_s=life) if by == "cookie" else None
    yield Affinity(
        at=one.text.at(node.line, node.column),
        by=by,
        how="consistent-hash",
        key=name or node.text("header", "name"),
        cookie=rule,
        life_s=life,
        directive=f"consistentHash: {kind}",
        product="envoy-gateway",
    )
