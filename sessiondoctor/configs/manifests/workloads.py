"""Deployments, StatefulSets, pods, autoscalers: replicas, environment, volumes, probes, shutdown."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sessiondoctor.configs import commands, environment
from sessiondoctor.configs.environment import Variable
from sessiondoctor.configs.values import seconds, whole
from sessiondoctor.evidence.configs.balancing import Drain
from sessiondoctor.evidence.configs.deployment import Volume, Workload

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sessiondoctor.configs.manifests.objects import Object
    from sessiondoctor.configs.yaml import Node
    from sessiondoctor.evidence.configs.application import SecretOrigin
    from sessiondoctor.evidence.configs.deployment import VolumeKind
    from sessiondoctor.evidence.configs.fact import Fact

KINDS = {"Deployment", "StatefulSet", "DaemonSet", "ReplicaSet", "Pod", "Rollout", "DeploymentConfig"}


def workload(one: Object) -> Iterator[Fact]:
    """The facts of one workload."""
    pod = one.spec.get("template", "spec") or (one.spec if one.kind == "Pod" else None)
    labels = one.spec.get("template", "metadata", "labels") or one.node.get("metadata", "labels")
    containers = list(pod.each("containers")) if pod else []
    variables = [variable for container in containers for variable in _variables(one, container)]
    replicas = one.spec.get("replicas")
    number = whole(replicas.text()) if replicas else None
    place = replicas or one.node
    yield Workload(
        at=one.text.at(place.line, place.column),
        name=one.name,
        kind=one.kind,
        image=containers[0].text("image") if containers else "",
        replicas=number if replicas or one.fragment or not pod else 1,
        workers=next((found for container in containers if (found := commands.workers(_words(container))[1])), None),
        labels=label_words(labels),
    )
    yield from environment.facts(variables, one.text)
    if pod:
        yield from _volumes(one, pod, containers)
        yield from _shutdown(one, pod, containers)
    for container in containers:
        place = container.get("command") or container.get("args") or container
        yield from commands.facts(_words(container), one.text.at(place.line, place.column), one.name, alone=False)


def _words(container: Node) -> list[str]:
    return [item.text() for path in ("command", "args") for item in container.each(path)]


def label_words(node: Node | None) -> tuple[str, ...]:
    """`label=value` words, sorted."""
    return tuple(sorted(f"{key}={value.text()}" for key, value in node.items())) if node else ()


def _variables(one: Object, container: Node) -> Iterator[Variable]:
    for entry in container.each("env"):
        name, source = entry.text("name"), entry.get("valueFrom")
        if name:
            origin: SecretOrigin = "environment" if source else "literal"
            yield Variable(name, entry.text("value"), one.text.at(entry.line, entry.column), origin)


_VOLUMES: dict[str, VolumeKind] = {
    "emptyDir": "ephemeral",
    "hostPath": "host",
    "persistentVolumeClaim": "named",
    "nfs": "shared",
    "configMap": "file",
    "secret": "file",
    "projected": "file",
    "csi": "named",
}


def _volumes(one: Object, pod: Node, containers: list[Node]) -> Iterator[Fact]:
    kinds: dict[str, VolumeKind] = {
        volume.text("name"): kind for volume in pod.each("volumes") for key, kind in _VOLUMES.items() if volume.get(key)
    }
    kinds |= {claim.text("metadata", "name"): "named" for claim in one.spec.each("volumeClaimTemplates")}
    for container in containers:
        for mount in container.each("volumeMounts"):
            kind = kinds.get(mount.text("name"))
            if kind:
                yield Volume(
                    at=one.text.at(mount.line, mount.column), workload=one.name, path=mount.text("mountPath"), kind=kind
                )


def _shutdown(one: Object, pod: Node, containers: list[Node]) -> Iterator[Fact]:
    grace = pod.get("terminationGracePeriodSeconds")
    if grace:
        yield Drain(
            at=one.text.at(grace.line, grace.column),
            subject=one.name,
            seconds=seconds(grace.text()),
            setting="terminationGracePeriodSeconds",
        )
    for container in containers:
        if hook := container.get("lifecycle", "preStop"):
            yield Drain(at=one.text.at(hook.line, hook.column), subject=one.name, setting="preStop")


def autoscaler(one: Object) -> Iterator[Fact]:
    """A HorizontalPodAutoscaler or KEDA's ScaledObject: the workload it names may have several replicas."""
    name = one.spec.text("scaleTargetRef", "name")
    most = whole(one.spec.text("maxReplicas") or one.spec.text("maxReplicaCount"))
    least = whole(one.spec.text("minReplicas") or one.spec.text("minReplicaCount"))
    if name and most and most > 1:
        yield Workload(
            at=one.text.at(one.spec.line, one.spec.column), name=name, kind=one.kind, replicas=least, autoscaled=True
        )
