"""docker-compose and Swarm stacks: services, replicas, environment, volumes, Traefik's labels (compose-spec)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from sessiondoctor.configs import commands, environment
from sessiondoctor.configs.container_labels import labels as traefik_labels
from sessiondoctor.configs.environment import Variable
from sessiondoctor.configs.images import made_at_start
from sessiondoctor.configs.values import seconds, whole
from sessiondoctor.configs.yaml import documents
from sessiondoctor.evidence.configs.application import Setting
from sessiondoctor.evidence.configs.balancing import Drain
from sessiondoctor.evidence.configs.deployment import Volume, Workload
from sessiondoctor.patterns import regex

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sessiondoctor.configs.source import Text
    from sessiondoctor.configs.yaml import Node
    from sessiondoctor.evidence.configs.deployment import VolumeKind
    from sessiondoctor.evidence.configs.fact import Fact

TITLE = "docker-compose file or Swarm stack"
_SERVICES = regex(r"^services:[ \t]*(?:#.*)?(?:\{.*)?$", re.MULTILINE)
_KEYS = regex(
    r"^[ \t]+(?:image|build|command|ports|environment|volumes|depends_on|deploy|env_file)[ \t]*:", re.MULTILINE
)
_VOLUME = regex(r"(?P<source>[^:]*):(?P<target>/[^:]*)(?::(?P<mode>[\w,]+))?")


def score(name: str, head: str) -> int:
    """`services:` at the beginning of a line, with keys of services in it."""
    named = 5 if re.search(r"compose|stack", name) else 0
    if "apiVersion:" in head:
        return 0
    if _SERVICES.search(head) and _KEYS.search(head):
        return 85 + named
    return (
        4 * named
        if _KEYS.search(head) and named
        else 45
        if len(set(_KEYS.findall(head))) > 1 and "image:" in head
        else 0
    )


def read(text: Text) -> Iterator[Fact]:
    """The facts of every service; a fragment may be the services or one service alone."""
    for root in documents(text.text):
        services = list(root.items("services"))
        if not services:
            single = root.get("image") or root.get("environment") or root.get("volumes")
            services = [("", root)] if single else list(root.items())
        for name, service in services:
            if isinstance(service.value, dict):
                yield from _service(name, service, text)


def _service(name: str, service: Node, text: Text) -> Iterator[Fact]:
    place = service.get("deploy", "replicas") or service.get("scale") or service
    variables = list(_variables(service, text))
    mounts = list(_mounts(service))
    image = service.text("image")
    number = whole(service.text("deploy", "replicas") or service.text("scale"))
    several = service.text("deploy", "mode") == "global"
    known = {variable.name for variable in variables}
    command = _command(service)
    started = text.at(command.line, command.column) if command else None
    words = _words(command)
    yield Workload(
        at=text.at(place.line, place.column),
        name=name or service.text("container_name"),
        kind="compose",
        image=image,
        replicas=number if number is not None else None if several else 1,
        workers=commands.workers(words)[1],
        public=service.get("ports") is not None,
    )
    yield from environment.facts(variables, text)
    if started:
        yield from commands.facts(words, started, name, alone=False)
    for target, kind, node in mounts:
        yield Volume(at=text.at(node.line, node.column), workload=name, path=target, kind=kind)
    if image and service.get("env_file") is None:
        node = service.get("image") or service
        yield from made_at_start(image, known, [target for target, _, _ in mounts], text.at(node.line, node.column))
    if network := service.get("network_mode"):
        yield Setting(at=text.at(network.line, network.column), name="network_mode", value=network.text(), scope=name)
    if grace := service.get("stop_grace_period"):
        yield Drain(at=text.at(grace.line, grace.column), subject=name, seconds=seconds(grace.text()),
                    setting="stop_grace_period")  # fmt: skip
    yield from traefik_labels(_labels(service), text)


def _command(service: Node) -> Node | None:
    return service.get("command") or service.get("entrypoint")


def _words(command: Node | None) -> list[str]:
    if command is None:
        return []
    listed = [item.text() for item in command.each()]
    return listed if isinstance(command.value, list) else commands.words_of(" ".join(listed))


def _variables(service: Node, text: Text) -> Iterator[Variable]:
    node = service.get("environment")
    if not node:
        return
    for key, value in node.items():
        yield Variable(key, value.text(), text.at(value.line, value.column))
    for item in node.each() if isinstance(node.value, list) else ():
        name, equals, rest = item.text().partition("=")
        variable = Variable(name, rest, text.at(item.line, item.column))
        yield variable if equals else environment.from_elsewhere(variable, "environment")


def _mounts(service: Node) -> Iterator[tuple[str, VolumeKind, Node]]:
    for item in service.each("volumes"):
        if isinstance(item.value, dict):
            kinds: dict[str, VolumeKind] = {"bind": "host", "tmpfs": "ephemeral"}
            yield item.text("target"), kinds.get(item.text("type"), "named"), item
        elif found := _VOLUME.fullmatch(item.text()):
            source = found["source"]
            kind: VolumeKind = "host" if source[:1] in {".", "/", "~", "$"} else "named" if source else "ephemeral"
            yield found["target"], kind, item
        elif item.text().startswith("/"):
            yield item.text(), "ephemeral", item


def _labels(service: Node) -> dict[str, Node]:
    found: dict[str, Node] = {}
    for path in (("labels",), ("deploy", "labels")):
        found |= dict(service.items(*path))
        found |= {item.text().partition("=")[0]: item for item in service.each(*path) if "=" in item.text()}
    return found
