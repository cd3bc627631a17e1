"""Nodes: deployed, down, up, appeared, left; and until when certificates are valid."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING

from sessiondoctor.experiments.watch.memory import MOST_NODES, MOST_TRAITS, OTHER, NodeKnown, Trait, key_of
from sessiondoctor.experiments.watch.seen import Change
from sessiondoctor.experiments.watch.traits import FILES

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sessiondoctor.experiments.watch.memory import Memory
    from sessiondoctor.experiments.watch.seen import NodeSeen, Seen

_SETTLED = 2  # rounds in which a trait was alike: what varies by itself tells no build
_ACQUAINTED = 3  # rounds before a node that nobody declared may be called new
_GONE = 10  # rounds without a node that was there
_DAY = 86400.0
_SOON = (14 * _DAY, 3 * _DAY, 0.0)


def of_nodes(memory: Memory, seen: Seen) -> Iterator[Change]:
    """What has become of each node."""
    for node in seen.nodes:
        known = memory.nodes.get(node.name)
        if known is None:
            known = memory.nodes[node.name] = NodeKnown()
            if memory.rounds >= _ACQUAINTED:
                text = f"{node.name} answers, which had not been seen in {memory.rounds} rounds"
                yield Change("node-appeared", node.name, text, seen.at)
        yield from _of_node(memory, known, node, seen.at)
    for name in memory.nodes.keys() - {node.name for node in seen.nodes}:
        known = memory.nodes[name]
        known.missed += 1
        if known.missed == _GONE and known.seen >= _GONE:
            yield Change("node-left", name, f"{name} has not answered in {_GONE} rounds", seen.at)
    _forget(memory)


def _of_node(memory: Memory, known: NodeKnown, node: NodeSeen, at: float) -> Iterator[Change]:
    if node.up is False and known.up is not False:
        why = node.trouble or "it refuses connections"
        yield Change("node-down", node.name, f"{node.name} does not answer: {why}", at)
    elif node.up and known.up is False:
        yield Change("node-up", node.name, f"{node.name} answers again", at)
    known.up = known.up if node.up is None else node.up
    if node.up:
        known.seen, known.missed = known.seen + 1, 0
    if differences := list(_differences(known, node)):
        memory.count("deploys", memory.label(node.name))
        yield Change("deployed", node.name, f"{node.name} was deployed: {'; '.join(differences)}", at)
    if node.certificate_ends:
        yield from _certificate(node.name, known.certificate_ends, node.certificate_ends, memory.last_at, at)
        known.certificate_ends = node.certificate_ends


def _differences(known: NodeKnown, node: NodeSeen) -> Iterator[str]:
    for name, value in node.traits.items():
        trait = known.traits.get(name)
        if trait is None:
            if len(known.traits) < MOST_TRAITS:
                known.traits[name] = Trait(value)
        elif trait.value == value:
            trait.times += 1
        else:
            if trait.times >= _SETTLED:
                yield f"{name} are others" if name == FILES else f"{name} is {value}, and was {trait.value}"
            known.traits[name] = Trait(value)


def of_certificate(memory: Memory, seen: Seen) -> Iterator[Change]:
    """That of the public entry."""
    if seen.certificate_ends:
        yield from _certificate("site", memory.certificate_ends, seen.certificate_ends, memory.last_at, seen.at)
        memory.certificate_ends = seen.certificate_ends


def _certificate(subject: str, before: float | None, ends: float, last_at: float, at: float) -> Iterator[Change]:
    if before and ends != before:
        text = f"the certificate of {subject} is valid until {_date(ends)}, and until {_date(before)} before"
        yield Change("certificate", subject, text, at)
    elif any(ends - last_at > soon >= ends - at for soon in _SOON):
        yield Change("certificate", subject, f"the certificate of {subject} is valid until {_date(ends)} only", at)


def _date(at: float) -> str:
    return time.strftime("%Y-%m-%d", time.gmtime(at))


def _forget(memory: Memory) -> None:
    """The nodes that have been missed for longest, where names never end; their totals go to the others."""
    while len(memory.nodes) > MOST_NODES:
        name = max(memory.nodes, key=lambda one: memory.nodes[one].missed)
        del memory.nodes[name]
        for key in [key for key in memory.counts if json.dumps(name) in key]:
            metric, *labels = json.loads(key)
            renamed = key_of(metric, *(OTHER if label == name else label for label in labels))
            memory.counts[renamed] = memory.counts.get(renamed, 0.0) + memory.counts.pop(key)
