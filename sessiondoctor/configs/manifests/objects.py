"""The objects of a manifest: documents, lists, fragments; and what kind each is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sessiondoctor.configs.source import Text
from sessiondoctor.configs.yaml import Node

if TYPE_CHECKING:
    from collections.abc import Iterator

MOST_OBJECTS = 2000
# Keys that only one kind of object has, by which a fragment is known; the first that fits.
_TELLING = (
    ("VirtualService", ("http",), ("route",)),
    ("DestinationRule", ("trafficPolicy",), ()),
    ("DestinationRule", ("consistentHash",), ()),
    ("DestinationRule", ("outlierDetection",), ()),
    ("Service", ("sessionAffinity",), ()),
    ("Service", ("externalTrafficPolicy",), ()),
    ("HTTPRoute", ("sessionPersistence",), ()),
    ("Ingress", ("ingressClassName",), ()),
    ("Ingress", ("rules",), ("http", "host")),
    ("Deployment", ("template",), ()),
    ("Pod", ("containers",), ()),
)


@dataclass(frozen=True, slots=True)
class Object:
    """One object. `node` is the whole, `spec` its spec or, of a fragment, the whole."""

    kind: str
    name: str
    node: Node
    spec: Node
    text: Text
    fragment: bool

    def annotations(self) -> Iterator[tuple[str, Node]]:
        """Annotations, of a fragment also those that stand without `metadata`."""
        for path in (("metadata", "annotations"), ("annotations",)):
            yield from self.node.items(*path)
        if self.fragment:
            yield from ((key, node) for key, node in self.node.items() if "/" in key)


def objects(roots: list[Node], text: Text) -> list[Object]:
    """All objects of all documents, the items of lists among them."""
    found: list[Object] = []
    waiting = list(reversed(roots))
    while waiting and len(found) < MOST_OBJECTS:
        node = waiting.pop()
        if isinstance(node.value, list):
            waiting += reversed(node.value)
        elif isinstance(node.value, dict):
            items = node.get("items")
            if node.text("kind").endswith("List") and items:
                waiting.append(items)
            else:
                found.append(_object(node, text))
    return found


def _object(node: Node, text: Text) -> Object:
    kind = node.text("kind")
    spec = node.get("spec") or node
    return Object(kind or _guessed(spec), node.text("metadata", "name"), node, spec, text, fragment=not kind)


def _guessed(spec: Node) -> str:
    if not isinstance(spec.value, dict):
        return ""
    for kind, path, inside in _TELLING:
        if found := spec.get(*path):
            first = next(found.each(), None)
            if not inside or (first and any(first.get(key) for key in inside)):
                return kind
    return ""


def base_name(host: str) -> str:
    """The Service's name in `shop.default.svc.cluster.local`."""
    return host.split(".", 1)[0]
