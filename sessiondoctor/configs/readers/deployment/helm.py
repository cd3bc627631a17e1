"""Values of Helm charts: replicas, the Service, Ingress annotations, environment. Names are those of common charts."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from sessiondoctor.configs import environment
from sessiondoctor.configs.environment import Variable
from sessiondoctor.configs.manifests.ingress import ingress
from sessiondoctor.configs.manifests.objects import Object
from sessiondoctor.configs.manifests.services import service
from sessiondoctor.configs.values import boolean, whole
from sessiondoctor.configs.yaml import documents
from sessiondoctor.evidence.configs.deployment import Service, Workload
from sessiondoctor.patterns import regex

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sessiondoctor.configs.source import Text
    from sessiondoctor.configs.yaml import Node
    from sessiondoctor.evidence.configs.fact import Fact

TITLE = "values of a Helm chart"
_KEYS = regex(
    r"^(?:replicaCount|replicas|image|service|ingress|autoscaling|resources|podAnnotations|extraEnv)[ \t]*:",
    re.MULTILINE,
)
_COUNT = regex(r"^replicaCount[ \t]*:", re.MULTILINE)


def score(name: str, head: str) -> int:
    """`replicaCount`, or several keys that charts have, at the beginning of lines."""
    if re.search(r"^(?:apiVersion|services):", head, re.MULTILINE):
        return 0
    found = len(set(_KEYS.findall(head)))
    named = 5 if name.startswith("values") else 0
    if _COUNT.search(head):
        return 78 + named
    return 62 + named if found > 1 and named else 50 if found > 2 else 0


def read(text: Text) -> Iterator[Fact]:
    """The facts of the values, and of each sub-chart that has replicas of its own."""
    for root in documents(text.text):
        yield from _chart(root, "", text)
        for name, node in root.items():
            if node.get("replicaCount") or node.get("replicas"):
                yield from _chart(node, name, text)


def _chart(root: Node, name: str, text: Text) -> Iterator[Fact]:
    count = root.get("replicaCount") or root.get("replicas")
    scaled = boolean(root.text("autoscaling", "enabled")) is True
    place = count or root.get("autoscaling") or root
    variables = [
        Variable(entry.text("name"), entry.text("value"), text.at(entry.line, entry.column),
                 "environment" if entry.get("valueFrom") else "literal")
        for path in ("extraEnv", "env", "extraEnvVars") for entry in root.each(path) if entry.text("name")
    ]  # fmt: skip
    notes = Object("Service", name, root.get("service") or root, root.get("service") or root, text, fragment=True)
    found = [fact for fact in service(notes) if root.get("service")]
    if count or scaled:
        yield Workload(
            at=text.at(place.line, place.column), name=name, kind="values", image=_image(root),
            replicas=whole(count.text()) if count else None, autoscaled=scaled, public=not _is_store(name),
        )  # fmt: skip
    yield from environment.facts(variables, text)
    yield from (fact for fact in found if not _is_service(fact))
    if node := root.get("ingress"):
        yield from ingress(Object("Ingress", name, node, node, text, fragment=True))


def _is_service(fact: Fact) -> bool:
    """A chart's `service:` has no selector: only what it says of affinity is taken."""
    return isinstance(fact, Service)


def _image(root: Node) -> str:
    image = root.get("image")
    if image and isinstance(image.value, str):
        return image.text()
    return f"{root.text('image', 'repository')}:{root.text('image', 'tag')}".rstrip(":") if image else ""


def _is_store(name: str) -> bool:
    return any(
        word in name.lower() for word in ("redis", "postgres", "mysql", "mariadb", "memcached", "mongo", "valkey")
    )
