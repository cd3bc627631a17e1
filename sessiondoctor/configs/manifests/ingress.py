"""Ingress: rules, and the annotations of its controllers.

Annotations: kubernetes.github.io/ingress-nginx, docs.nginx.com (nginx.org), haproxy.org and haproxy-ingress, Traefik,
aws-load-balancer-controller, Application Gateway Ingress Controller.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from sessiondoctor.configs.manifests.spelling import mistakes, nearest
from sessiondoctor.configs.values import boolean, seconds
from sessiondoctor.evidence.configs.application import Setting
from sessiondoctor.evidence.configs.balancing import Affinity, Drain, Header, Mistake, Proxy, Rule
from sessiondoctor.evidence.configs.fact import CookieRule
from sessiondoctor.patterns import regex

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sessiondoctor.configs.manifests.objects import Object
    from sessiondoctor.configs.yaml import Node
    from sessiondoctor.evidence.configs.balancing import AffinityBy, AffinityHow, RuleKind
    from sessiondoctor.evidence.configs.fact import Fact
    from sessiondoctor.evidence.location import Location

CONTROLLERS = {
    "nginx.ingress.kubernetes.io/": "ingress-nginx",
    "ingress.kubernetes.io/": "ingress-nginx",
    "nginx.org/": "nginx-vendor",
    "nginx.com/": "nginx-vendor",
    "haproxy.org/": "haproxy",
    "haproxy-ingress.github.io/": "haproxy-ingress",
    "traefik.ingress.kubernetes.io/": "traefik",
    "alb.ingress.kubernetes.io/": "aws-alb",
    "appgw.ingress.kubernetes.io/": "azure",
}
_NEW, _OLD = "nginx.ingress.kubernetes.io/", "ingress.kubernetes.io/"
# ingressClassName -> the controllers that read annotations under it; a class of another name tells nothing.
CLASSES = {
    "nginx": ("ingress-nginx", "nginx-vendor"),
    "alb": ("aws-alb",),
    "traefik": ("traefik",),
    "gce": ("gclb",),
    "haproxy": ("haproxy", "haproxy-ingress"),
    "azure-application-gateway": ("azure",),
    "azure/application-gateway": ("azure",),
    "gce-internal": ("gclb",),
    "contour": ("contour",),
    "kong": ("kong",),
}
_AFFINITY_WORDS = regex(r"affinity|sticky|session-cookie|cookie-persistence|stickiness|target-group-attributes")


def ingress(one: Object) -> Iterator[Fact]:
    """The facts of one Ingress or of its annotations alone."""
    notes = _by_controller(one)
    yield from _of_another_controller(one, notes)
    yield from _of_old_prefix(one)
    yield from mistakes(one.text, notes)
    services = tuple(dict.fromkeys(service for _, _, service, _ in _rules(one))) or ("",)
    for affinity in _affinities(one, notes):
        for service in services:
            yield replace(affinity, pool=service)
    yield from _proxies(one, notes)
    if kind := notes.get("aws-alb", {}).get("target-type"):
        at = one.text.at(kind.line, kind.column)
        yield Setting(at=at, name="alb.ingress.kubernetes.io/target-type", value=kind.text(), scope=one.name)
    yield from _canary(one, notes.get("ingress-nginx", {}))
    yield from _drains(one, notes)


Notes = dict[str, "Node"]


def _by_controller(one: Object) -> dict[str, Notes]:
    """Annotations without their prefix, by controller."""
    found: dict[str, Notes] = {}
    notes = list(one.annotations())
    renamed = _is_renamed(one, [key for key, _ in notes])
    for key, node in notes:
        for prefix, controller in CONTROLLERS.items():
            if key.startswith(prefix) and not (renamed and prefix == _OLD):
                found.setdefault(controller, {})[key.removeprefix(prefix)] = node
    return found


def _is_renamed(one: Object, keys: Sequence[str]) -> bool:
    """Whether its controller reads annotations under the new prefix, and those under the old one no more.

    Since 0.9.0 (2017) that of ingress-nginx is `nginx.ingress.kubernetes.io/`; whoever writes the one beside the
    other means that controller.
    """
    return any(key.startswith(_NEW) for key in keys) and _class(one) in {"", "nginx"}


def _of_old_prefix(one: Object) -> Iterator[Fact]:
    """Affinity under the prefix that the controller gave up."""
    notes = list(one.annotations())
    if _is_renamed(one, [key for key, _ in notes]):
        for key, node in notes:
            if key.startswith(_OLD) and _AFFINITY_WORDS.search(key):
                at = one.text.at(node.line, node.column)
                yield Mistake(at=at, word=key, meant=_NEW + key.removeprefix(_OLD), about="affinity")


def _class(one: Object) -> str:
    old = next((node.text() for key, node in one.annotations() if key == "kubernetes.io/ingress.class"), "")
    return one.spec.text("ingressClassName") or old


def _of_another_controller(one: Object, notes: dict[str, Notes]) -> Iterator[Fact]:
    """Affinity in the words of a controller that this Ingress is not for."""
    meant = CLASSES.get(_class(one), ())
    for controller, found in notes.items():
        words = [word for word in found if _AFFINITY_WORDS.search(word)]
        if meant and controller not in meant and words:
            node = found[words[0]]
            yield Mistake(
                at=one.text.at(node.line, node.column),
                word=words[0],
                meant=controller,
                why="other-controller",
                about="affinity",
            )


def _affinities(one: Object, notes: dict[str, Notes]) -> Iterator[Affinity]:
    meant = CLASSES.get(_class(one), ())
    for controller, found in notes.items():
        if meant and controller not in meant:
            continue
        reader = _READERS.get(controller)
        yield from reader(one, found) if reader else ()


def _text(notes: Notes, *names: str) -> str:
    return next((notes[name].text() for name in names if name in notes), "")


def _community(one: Object, notes: Notes) -> Iterator[Affinity]:
    at = _place(one, notes, "affinity", "upstream-hash-by", "session-cookie-name")
    if _text(notes, "affinity") == "cookie":
        life = _text(notes, "session-cookie-max-age", "session-cookie-expires")
        rule = CookieRule(
            name=_text(notes, "session-cookie-name") or "INGRESSCOOKIE",
            secure=boolean(_text(notes, "session-cookie-secure")),
            same_site=_text(notes, "session-cookie-samesite").lower(),
            path=_text(notes, "session-cookie-path"),
            domain=_text(notes, "session-cookie-domain"),
            life_s=seconds(life) if life else None,
        )
        options = (_text(notes, "affinity-mode") or "balanced", _text(notes, "affinity-canary-behavior"))
        yield Affinity(
            at=at,
            by="cookie",
            how="hash" if options[0] == "balanced" else "name",
            key=rule.name,
            cookie=rule,
            life_s=rule.life_s,
            options=tuple(filter(None, options)),
            directive="affinity: cookie",
            product="ingress-nginx",
        )
    elif key := _text(notes, "upstream-hash-by"):
        by: AffinityBy = "address" if "remote_addr" in key else "app-cookie" if "cookie_" in key else "other"
        yield Affinity(
            at=at, by=by, how="consistent-hash", key=key, directive=f"upstream-hash-by: {key}", product="ingress-nginx"
        )


def _vendor(one: Object, notes: Notes) -> Iterator[Affinity]:
    if found := _text(notes, "sticky-cookie-services"):
        name = re.search(r"(?:^|\s)([\w-]+)\s+expires=|\s([\w-]+)(?:\s|$)", found)
        rule = CookieRule(name=next(filter(None, name.groups()), "") if name else "")
        yield Affinity(
            at=_place(one, notes, "sticky-cookie-services"),
            by="cookie",
            how="name",
            key=rule.name,
            cookie=rule,
            directive="sticky-cookie-services",
            product="nginx-plus",
        )
    method = _text(notes, "lb-method")
    if "ip_hash" in method or "hash" in method:
        by: AffinityBy = "address" if "ip_hash" in method or "remote_addr" in method else "other"
        how: AffinityHow = "consistent-hash" if "consistent" in method else "hash"
        yield Affinity(
            at=_place(one, notes, "lb-method"),
            by=by,
            how=how,
            key=method,
            directive=f"lb-method: {method}",
            product="nginx",
        )


def _haproxy(one: Object, notes: Notes) -> Iterator[Affinity]:
    if name := _text(notes, "cookie-persistence"):
        yield Affinity(
            at=_place(one, notes, "cookie-persistence"),
            by="cookie",
            how="name",
            key=name,
            cookie=CookieRule(name=name),
            directive=f"cookie-persistence: {name}",
            product="haproxy",
        )
    if "source" in _text(notes, "load-balance"):
        yield Affinity(
            at=_place(one, notes, "load-balance"),
            by="address",
            how="hash",
            directive="load-balance: source",
            product="haproxy",
        )


def _haproxy_ingress(one: Object, notes: Notes) -> Iterator[Affinity]:
    if _text(notes, "affinity") == "cookie":
        name = _text(notes, "session-cookie-name") or "INGRESSCOOKIE"
        yield Affinity(
            at=_place(one, notes, "affinity"),
            by="cookie",
            how="name",
            key=name,
            cookie=CookieRule(name=name),
            directive="affinity: cookie",
            product="haproxy-ingress",
        )


def traefik(one: Object, notes: Notes) -> Iterator[Affinity]:
    """Traefik's annotations, which belong on the Service; version 1 had `affinity` on the Ingress."""
    sticky = boolean(_text(notes, "service.sticky.cookie", "service.sticky", "affinity")) or any(
        name.startswith("service.sticky.cookie.") for name in notes
    )
    if sticky:
        name = _text(notes, "service.sticky.cookie.name", "session-cookie-name")
        rule = CookieRule(
            name=name,
            secure=boolean(_text(notes, "service.sticky.cookie.secure")),
            http_only=boolean(_text(notes, "service.sticky.cookie.httponly")),
            same_site=_text(notes, "service.sticky.cookie.samesite").lower(),
        )
        at = _place(one, notes, "service.sticky.cookie", "service.sticky", "affinity", "service.sticky.cookie.name")
        yield Affinity(
            at=at, by="cookie", how="name", key=name, cookie=rule, directive="sticky.cookie", product="traefik"
        )


def attributes(node: Node) -> dict[str, str]:
    """`key=value,key=value` of AWS target groups."""
    pairs = (pair.partition("=") for pair in re.split(r"[,\s]+", node.text()) if "=" in pair)
    return {key.strip(): value.strip() for key, _, value in pairs}


def _aws(one: Object, notes: Notes) -> Iterator[Affinity]:
    if "target-group-attributes" not in notes:
        return
    found = attributes(notes["target-group-attributes"])
    if boolean(found.get("stickiness.enabled", "")):
        kind = found.get("stickiness.type", "lb_cookie")
        life = seconds(found.get(f"stickiness.{kind}.duration_seconds", "")) or 86400.0
        name = found.get("stickiness.app_cookie.cookie_name", "AWSALB")
        by: AffinityBy = "app-cookie" if kind == "app_cookie" else "cookie"
        options = (f"target-type:{_text(notes, 'target-type') or 'instance'}",)
        yield Affinity(
            at=_place(one, notes, "target-group-attributes"),
            by=by,
            how="name",
            key=name,
            cookie=CookieRule(name=name, life_s=life),
            life_s=life,
            options=options,
            directive="stickiness.enabled=true",
            product="aws-alb",
        )


def _azure(one: Object, notes: Notes) -> Iterator[Affinity]:
    if boolean(_text(notes, "cookie-based-affinity")):
        name = "ApplicationGatewayAffinity"
        yield Affinity(
            at=_place(one, notes, "cookie-based-affinity"),
            by="cookie",
            how="name",
            key=name,
            cookie=CookieRule(name=name),
            directive="cookie-based-affinity",
            product="azure",
        )


_READERS = {
    "ingress-nginx": _community,
    "nginx-vendor": _vendor,
    "haproxy": _haproxy,
    "haproxy-ingress": _haproxy_ingress,
    "traefik": traefik,
    "aws-alb": _aws,
    "azure": _azure,
}


def _place(one: Object, notes: Notes, *names: str) -> Location:
    node = next((notes[name] for name in names if name in notes), one.node)
    return one.text.at(node.line, node.column)


def _rules(one: Object) -> Iterator[tuple[str, str, str, Node]]:
    """Host, path, Service and place of each rule."""
    for rule in one.spec.each("rules"):
        host = rule.text("host")
        for path in rule.each("http", "paths"):
            name = path.text("backend", "service", "name") or path.text("backend", "serviceName")
            yield host, path.text("path"), name, path
    default = one.spec.get("defaultBackend") or one.spec.get("backend")
    if default:
        yield "", "", default.text("service", "name") or default.text("serviceName"), default


def _proxies(one: Object, notes: dict[str, Notes]) -> Iterator[Fact]:
    product = next(iter(notes), "") or (CLASSES.get(_class(one), ("",))[0])
    base = _settings(one, notes.get("ingress-nginx", {}), product)
    hosts = {host.text() for tls in one.spec.each("tls") for host in tls.each("hosts")}
    rules = list(_rules(one))
    for host, path, service, node in rules:
        at = one.text.at(node.line, node.column)
        yield replace(
            base, at=at, host=host, path=path, target=service, tls=True if host in hosts else None, whole=True
        )
    if not rules and base.auth:
        yield base


def _settings(one: Object, notes: Notes, product: str) -> Proxy:
    """What the annotations say for every rule."""
    vhost, retries = _text(notes, "upstream-vhost"), _text(notes, "proxy-next-upstream")
    return Proxy(
        at=_place(one, notes, "auth-url"),
        headers=(Header("host", vhost, _place(one, notes, "upstream-vhost")),) if vhost else (),
        auth=_text(notes, "auth-url"),
        retries=tuple(retries.split()),
        retries_unsafe="non_idempotent" in retries,
        timeout_s=seconds(_text(notes, "proxy-read-timeout")),
        product=product,
        whole=False,
    )


def _canary(one: Object, notes: Notes) -> Iterator[Fact]:
    if not boolean(_text(notes, "canary")):
        return
    weight = seconds(_text(notes, "canary-weight")) or 0.0
    by: RuleKind = "canary" if weight else "header"
    sticky = _text(notes, "affinity-canary-behavior") != "legacy" and _text(notes, "affinity") == "cookie"
    services = tuple((service, weight) for _, _, service, _ in _rules(one))
    yield Rule(
        at=_place(one, notes, "canary-weight", "canary"), kind=by, scope=one.name, targets=services, sticky=sticky
    )


def _drains(one: Object, notes: dict[str, Notes]) -> Iterator[Fact]:
    aws = notes.get("aws-alb", {})
    if "target-group-attributes" in aws:
        delay = attributes(aws["target-group-attributes"]).get("deregistration_delay.timeout_seconds", "")
        if delay:
            yield Drain(
                at=_place(one, aws, "target-group-attributes"),
                subject=one.name,
                seconds=seconds(delay),
                setting="deregistration_delay.timeout_seconds",
            )
    azure = notes.get("azure", {})
    if boolean(_text(azure, "connection-draining")) is False:
        yield Drain(
            at=_place(one, azure, "connection-draining"), subject=one.name, seconds=0.0, setting="connection-draining"
        )


__all__ = ["CONTROLLERS", "attributes", "ingress", "nearest", "traefik"]
