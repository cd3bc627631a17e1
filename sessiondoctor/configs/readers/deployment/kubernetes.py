"""Kubernetes manifests: any number of objects, as `kubectl get -o yaml|json` prints them, or fragments of them."""

from __future__ import annotations

import base64
import binascii
import re
from typing import TYPE_CHECKING

from sessiondoctor.configs import environment
from sessiondoctor.configs.environment import Variable
from sessiondoctor.configs.manifests import ingress, objects, routes, services, workloads
from sessiondoctor.configs.yaml import documents
from sessiondoctor.patterns import regex

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from sessiondoctor.configs.manifests.objects import Object
    from sessiondoctor.configs.source import Text
    from sessiondoctor.evidence.configs.fact import Fact

TITLE = "Kubernetes manifests, Gateway API, Istio, Traefik and Contour objects"
_KIND = regex(r"^[ \t-]*[\"']?kind[\"']?:[ \t]*[\"']?[A-Z]\w+", re.MULTILINE)
_VERSION = regex(r"^[ \t-]*[\"']?apiVersion[\"']?:", re.MULTILINE)
_NOTES = regex(
    r"\b(?:nginx\.ingress\.kubernetes\.io|nginx\.org|nginx\.com|haproxy\.org|haproxy-ingress\.github\.io"
    r"|traefik\.ingress\.kubernetes\.io|alb\.ingress\.kubernetes\.io|appgw\.ingress\.kubernetes\.io"
    r"|service\.beta\.kubernetes\.io|ingress\.kubernetes\.io)/[\w.-]+[\"']?[ \t]*:"
)
_WORDS = regex(
    r"(?:^|[{,\s])[\"']?(?:sessionAffinity|externalTrafficPolicy|consistentHash|outlierDetection|sessionPersistence"
    r"|ingressClassName|terminationGracePeriodSeconds|volumeClaimTemplates)[\"']?[ \t]*:[ \t\n{]"
    r"|\bdestination:[ \t]*\{?[ \t]*host:"
)

_KINDS: dict[str, Callable[[Object], Iterator[Fact]]] = {
    "Ingress": ingress.ingress,
    "Service": services.service,
    "BackendConfig": services.backend_config,
    "GCPBackendPolicy": services.backend_config,
    "DestinationRule": routes.destination_rule,
    "VirtualService": routes.virtual_service,
    "HTTPRoute": routes.http_route,
    "IngressRoute": routes.ingress_route,
    "TraefikService": routes.ingress_route,
    "HTTPProxy": routes.http_proxy,
    "BackendTrafficPolicy": routes.backend_traffic_policy,
    "HorizontalPodAutoscaler": workloads.autoscaler,
    "ScaledObject": workloads.autoscaler,
    **dict.fromkeys(workloads.KINDS, workloads.workload),
}


def score(name: str, head: str) -> int:
    """`apiVersion` and `kind`, or annotations and keys that only manifests have."""
    kind, version = bool(_KIND.search(head)), bool(_VERSION.search(head))
    if kind and version:
        return 92
    if _NOTES.search(head):
        return 88
    if _WORDS.search(head):
        return 80
    return 60 if kind and name.endswith((".yaml", ".yml", ".json")) else 0


def read(text: Text) -> Iterator[Fact | Text]:
    """The facts of every object."""
    for one in objects.objects(documents(text.text), text):
        if one.kind in {"ConfigMap", "Secret"}:
            yield from _data(one)
        elif reader := _KINDS.get(one.kind):
            yield from reader(one)
        elif any(_NOTES.match(f"{key}:") for key, _ in one.annotations()):
            yield from ingress.ingress(one)


def _data(one: Object) -> Iterator[Fact | Text]:
    """Contents of a ConfigMap or a Secret: environment variables, and whole files for their own readers."""
    variables: list[Variable] = []
    for path in (("data",), ("stringData",)):
        for key, node in one.node.items(*path):
            value = node.value if isinstance(node.value, str) else ""
            if one.kind == "Secret" and path == ("data",):
                value = _decoded(value)
            if "\n" in value.strip() or "." in key:
                yield one.text.part(value, node.start, key)
            elif value:
                variables.append(Variable(key, value, one.text.at(node.line, node.column)))
    yield from environment.facts(variables, one.text)


def _decoded(value: str) -> str:
    try:
        return base64.b64decode(value.strip(), validate=True).decode("utf-8", "replace")
    except (binascii.Error, ValueError):
        return ""
