"""YAML and JSON of new clients as trees with lines: bounded, tolerant of fragments, cut files and templates.

No value is converted (`on`, `010` and `1.20` stay as written), no tag makes an object. Where the text is not YAML, what
stands before the mistake is kept, and reading goes on at the next line that begins a document or a top-level key.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sessiondoctor.patterns import regex

if TYPE_CHECKING:
    from collections.abc import Iterator

    from yaml.events import Event

MOST_NODES = 100_000
DEEPEST = 60
_MOST_RESTARTS = 20
_TEMPLATE_LINE = regex(r"^[ \t]*\{\{[^\n]*\}\}[ \t]*$", re.MULTILINE)
_TEMPLATE = regex(r"\{\{[^\n{}]{0,300}\}\}")
_TOP = regex(r"^(?:---|[A-Za-z_\"'][\w./\"' -]*:)")
_CONTROL = regex(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufffe\uffff\ud800-\udfff]")
TEMPLATED = "TEMPLATED"
"""Stands for what a template (Helm, Jinja) would fill in."""


@dataclass(frozen=True, slots=True, eq=False)
class Node:
    """A value: text, a list, or a map. `line` and `column` (1-based) are its key's if it has one, else its own.

    `start` is the line on which its content begins: of a block text (`|`) the line below.
    """

    value: str | list[Node] | dict[str, Node]
    line: int
    column: int
    start: int

    def get(self, *path: str) -> Node | None:
        """The node at a path of keys."""
        node: Node | None = self
        for key in path:
            if node is None or not isinstance(node.value, dict):
                return None
            node = node.value.get(key)
        return node

    def text(self, *path: str) -> str:
        """The text at a path of keys; empty if there is none, or a list or a map."""
        node = self.get(*path)
        return node.value.strip() if node and isinstance(node.value, str) else ""

    def items(self, *path: str) -> Iterator[tuple[str, Node]]:
        """Keys and values of the map at a path."""
        node = self.get(*path)
        if node and isinstance(node.value, dict):
            yield from node.value.items()

    def each(self, *path: str) -> Iterator[Node]:
        """Items of the list at a path; a single text or map counts as its only item."""
        node = self.get(*path)
        if node and isinstance(node.value, list):
            yield from node.value
        elif node and node.value not in ("", "null", "~"):
            yield node

    def walk(self) -> Iterator[tuple[str, Node]]:
        """Every key and value below, outermost first, each place once."""
        seen: set[int] = set()
        waiting: list[tuple[str, Node]] = [("", self)]
        while waiting:
            key, node = waiting.pop()
            if id(node) in seen:
                continue
            seen.add(id(node))
            yield key, node
            inner = node.value.items() if isinstance(node.value, dict) else ()
            listed = [("", one) for one in node.value] if isinstance(node.value, list) else []
            waiting += reversed([*inner, *listed])


def documents(text: str) -> list[Node]:
    """The roots of all documents in a text; none where nothing is YAML."""
    text = _CONTROL.sub(" ", without_templates(text)).expandtabs(2)
    found: list[Node] = []
    first = 1
    for _ in range(_MOST_RESTARTS):
        builder = _Builder(first)
        stopped = builder.run(text)
        found += builder.roots
        if stopped is None:
            break
        text, first = _rest(text, first, stopped)
        if not text:
            break
    return found


def without_templates(text: str) -> str:
    """Lines that only steer a template are blank, and what it fills in is a word; lines keep their numbers."""
    if "{{" not in text:
        return text
    return _TEMPLATE.sub(TEMPLATED, _TEMPLATE_LINE.sub("", text))


def _rest(text: str, first: int, stopped: int) -> tuple[str, int]:
    """What begins at the next top-level line after the one (counted in the file) where reading stopped."""
    lines = text.split("\n")
    for index in range(max(stopped - first + 1, 1), len(lines)):
        if _TOP.match(lines[index]):
            return "\n".join(lines[index:]), first + index
    return "", 0


class _Builder:
    """Builds trees from PyYAML's events; keeps what there is when they end early."""

    def __init__(self, first_line: int) -> None:
        self.roots: list[Node] = []
        self._offset = first_line
        self._anchors: dict[str, Node] = {}
        self._open: list[Any] = []  # [node, pending key, line and column of the key, merged maps]
        self._budget = MOST_NODES

    def run(self, text: str) -> int | None:
        """Reads all events; returns the file's line where it had to stop, or None at the end."""
        import yaml

        loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
        try:
            for event in yaml.parse(text, Loader=loader):
                self._budget -= 1
                if self._budget < 0 or len(self._open) > DEEPEST:
                    return None
                self._take(event)
        except yaml.MarkedYAMLError as error:
            mark = error.problem_mark or error.context_mark
            return (mark.line if mark else 0) + self._offset
        except (yaml.YAMLError, ValueError, OverflowError):
            return None
        return None

    def _take(self, event: Event) -> None:
        import yaml

        if isinstance(event, yaml.ScalarEvent):
            block = event.style in {"|", ">"}
            self._add(self._node(event.value, event, 1 if block else 0), event.anchor)
        elif isinstance(event, yaml.AliasEvent):
            known = self._anchors.get(event.anchor or "")
            self._add(self._copy(known, event) if known else self._node("", event), None)
        elif isinstance(event, yaml.CollectionStartEvent):
            inside: Any = {} if isinstance(event, yaml.MappingStartEvent) else []
            node = self._add(self._node(inside, event), event.anchor)
            self._open.append([node, None, (0, 0)])
        elif isinstance(event, yaml.CollectionEndEvent):
            self._open.pop()
        elif isinstance(event, yaml.DocumentStartEvent):
            self._anchors = {}
            self._open = []

    def _node(self, value: Any, event: Event, below: int = 0) -> Node:
        line, column = self._place(event)
        return Node(value, line, column, line + below)

    def _copy(self, known: Node, event: Event) -> Node:
        """An alias shares its value; it stands where it is used."""
        return Node(known.value, *self._place(event), known.start)

    def _place(self, event: Event) -> tuple[int, int]:
        mark = event.start_mark
        return (mark.line + self._offset, mark.column + 1) if mark else (self._offset, 1)

    def _add(self, node: Node, anchor: str | None) -> Node:
        """Puts a node where it belongs; returns it as it is kept there."""
        if self._open:
            node = self._add_inside(node)
        else:
            self.roots.append(node)
        if anchor:
            self._anchors[anchor] = node
        return node

    def _add_inside(self, node: Node) -> Node:
        frame = self._open[-1]
        parent: Node = frame[0]
        if isinstance(parent.value, list):
            parent.value.append(node)
            return node
        assert isinstance(parent.value, dict)
        if frame[1] is None:
            frame[1] = node.value if isinstance(node.value, str) else "?"
            frame[2] = (node.line, node.column)
            return node
        key, (line, column) = frame[1], frame[2]
        frame[1] = None
        kept = Node(node.value, line, column, node.start)
        if key == "<<":
            self._merge(parent.value, kept)
        else:
            parent.value[key] = kept
        return kept

    def _merge(self, into: dict[str, Node], node: Node) -> None:
        sources = node.value if isinstance(node.value, list) else [node]
        for source in sources:
            if isinstance(source, Node) and isinstance(source.value, dict):
                self._budget -= len(source.value)
                for key, value in source.value.items():
                    into.setdefault(key, value)
