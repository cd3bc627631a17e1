"""Services, their annotations, and policies that are bound to them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sessiondoctor.configs.manifests.ingress import attributes, traefik
from sessiondoctor.configs.manifests.spelling import mistakes
from sessiondoctor.configs.manifests.workloads import label_words
from sessiondoctor.configs.values import boolean, seconds
from sessiondoctor.evidence.configs.balancing import Affinity, Drain
from sessiondoctor.evidence.configs.deployment import Service
from sessiondoctor.evidence.configs.fact import CookieRule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sessiondoctor.configs.manifests.objects import Object
    from sessiondoctor.configs.yaml import Node
    from sessiondoctor.evidence.configs.fact import Fact

_TRAEFIK = "traefik.ingress.kubernetes.io/"
_AWS = "service.beta.kubernetes.io/aws-load-balancer-target-group-attributes"
_DAY_S = 10800.0  # Kubernetes' default of sessionAffinityConfig.clientIP.timeoutSeconds


def service(one: Object) -> Iterator[Fact]:
    """A Service, and the affinity that it has or whose annotations give it."""
    notes = dict(one.annotations())
    place = one.spec.get("sessionAffinity") or one.spec.get("type") or one.node
    yield Service(
        at=one.text.at(place.line, place.column),
        name=one.name,
        type=one.spec.text("type") or ("" if one.fragment else "ClusterIP"),
        external_policy=one.spec.text("externalTrafficPolicy"),
        selector=label_words(one.spec.get("selector")),
        headless=one.spec.text("clusterIP") == "None",
    )
    yield from _client_ip(one)
    found = {key.removeprefix(_TRAEFIK): node for key, node in notes.items() if key.startswith(_TRAEFIK)}
    yield from (_for_pool(affinity, one.name) for affinity in traefik(one, found))
    yield from mistakes(one.text, {"aws-alb": {"target-group-attributes": notes[_AWS]}} if _AWS in notes else {})
    yield from _digitalocean(one, notes)
    if _AWS in notes and boolean(attributes(notes[_AWS]).get("stickiness.enabled", "")):
        yield Affinity(
            at=one.text.at(notes[_AWS].line),
            pool=one.name,
            by="address",
            how="table",
            product="aws-nlb",
            directive="stickiness.enabled=true",
        )


def _for_pool(affinity: Affinity, pool: str) -> Affinity:
    from dataclasses import replace

    return replace(affinity, pool=pool)


def _client_ip(one: Object) -> Iterator[Fact]:
    node = one.spec.get("sessionAffinity")
    if node and node.text() == "ClientIP":
        life = one.spec.text("sessionAffinityConfig", "clientIP", "timeoutSeconds")
        yield Affinity(
            at=one.text.at(node.line, node.column),
            pool=one.name,
            by="address",
            how="table",
            life_s=seconds(life) if life else _DAY_S,
            directive="sessionAffinity: ClientIP",
            product="kubernetes",
        )


def _digitalocean(one: Object, notes: dict[str, Node]) -> Iterator[Fact]:
    key = "service.beta.kubernetes.io/do-loadbalancer-sticky-sessions-type"
    if key in notes and notes[key].text() == "cookies":
        name = notes.get("service.beta.kubernetes.io/do-loadbalancer-sticky-sessions-cookie-name")
        rule = CookieRule(name=name.text() if name else "")
        yield Affinity(
            at=one.text.at(notes[key].line),
            pool=one.name,
            by="cookie",
            how="name",
            key=rule.name,
            cookie=rule,
            options=("target-type:node",),
            directive="sticky-sessions-type: cookies",
            product="digitalocean",
        )


def backend_config(one: Object) -> Iterator[Fact]:
    """GKE's BackendConfig and GCPBackendPolicy: affinity and draining of the load balancer."""
    spec = one.spec.get("default") or one.spec
    kind = spec.text("sessionAffinity", "affinityType") or spec.text("sessionAffinity", "type")
    node = spec.get("sessionAffinity")
    if node and kind.startswith(("GENERATED_COOKIE", "CLIENT_IP")):
        cookie = kind.startswith("GENERATED")
        life = seconds(
            spec.text("sessionAffinity", "affinityCookieTtlSec") or spec.text("sessionAffinity", "cookieTtlSec")
        )
        yield Affinity(
            at=one.text.at(node.line, node.column),
            by="cookie" if cookie else "address",
            how="hash",
            key="GCLB" if cookie else "",
            cookie=CookieRule(name="GCLB", life_s=life) if cookie else None,
            life_s=life or None,
            directive=f"affinityType: {kind}",
            product="gclb",
        )
    drain = spec.get("connectionDraining", "drainingTimeoutSec")
    if drain:
        yield Drain(
            at=one.text.at(drain.line), subject=one.name, seconds=seconds(drain.text()), setting="drainingTimeoutSec"
        )
