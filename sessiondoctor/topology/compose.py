"""YAML text to its tree of nodes, each with line and column; bounded, and without making any object."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import yaml
from yaml.composer import Composer
from yaml.nodes import MappingNode, ScalarNode, SequenceNode
from yaml.parser import Parser
from yaml.reader import Reader, ReaderError
from yaml.resolver import BaseResolver
from yaml.scanner import Scanner

if TYPE_CHECKING:
    from yaml.error import Mark
    from yaml.nodes import Node

MAX_NODES = 10_000
MAX_DEPTH = 30
PLAIN = "plain"
"""The tag of a scalar without quotes and without a tag: what it means is for the reader to say."""
TEXT = "tag:yaml.org,2002:str"
_NAMED = re.compile(r"(alias|anchor|tag handle) .*", re.DOTALL)
_SIGNS = "; put quotes around text that begins with * & ! % or @"
_ADVICE = {
    r"'\t'": "; indent with spaces",
    "undefined": _SIGNS,
    "duplicate anchor": _SIGNS,
    "cannot start": _SIGNS,
    "but got '{'": '; within { } and [ ], put quotes around text with braces, such as "${NAME}"',
    "mapping values are not allowed": "; put quotes around text with a colon and a space, and check the indentation",
}
_TAGS: dict[type[Node], str] = {
    ScalarNode: TEXT,
    SequenceNode: "tag:yaml.org,2002:seq",
    MappingNode: "tag:yaml.org,2002:map",
}


class YamlError(Exception):
    """Text that is not YAML, or more of it than a topology can need; 1-based `line` and `column`."""

    def __init__(self, line: int, column: int, message: str) -> None:
        super().__init__(message)
        self.line = line
        self.column = column
        self.message = message


def compose(source: str) -> Node | None:
    """The root node of the only document; None for an empty one.

    Raises:
        YamlError: at the first mistake, because what follows it has no reliable meaning.
    """
    try:
        return _BoundedComposer(source).get_single_node()
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        raise mistake(mark, _explained(error)) from None
    except ReaderError as error:
        line, column = position(source, error.position)
        raise YamlError(line, column, "a control character; YAML is printable text") from None
    except (ValueError, OverflowError):
        raise YamlError(1, 1, "not valid YAML: an escape or a version number is out of range") from None


def mistake(mark: Mark | None, message: str) -> YamlError:
    """The error for a place in the text."""
    return YamlError(mark.line + 1, mark.column + 1, message) if mark else YamlError(1, 1, message)


def position(source: str, index: int) -> tuple[int, int]:
    """The 1-based line and column of a character."""
    return source.count("\n", 0, index) + 1, index - source.rfind("\n", 0, index)


def _explained(error: yaml.MarkedYAMLError) -> str:
    # The names that follow may be a password that begins with one of these signs.
    problem = _NAMED.sub(r"\1", error.problem or "cannot be read")
    advice = next((advice for part, advice in _ADVICE.items() if part in problem), "")
    return f"not valid YAML: {problem}{advice}"


class _BoundedComposer(Reader, Scanner, Parser, Composer, BaseResolver):
    """PyYAML's composer, which counts; aliased copies are counted by whoever walks the tree."""

    def __init__(self, source: str) -> None:
        Reader.__init__(self, source)
        Scanner.__init__(self)
        Parser.__init__(self)
        Composer.__init__(self)
        BaseResolver.__init__(self)
        self._nodes = 0
        self._depth = 0

    def compose_node(self, parent: Node | None, index: Any) -> Node | None:
        """Composes one node and, within it, its children."""
        self._nodes += 1
        self._depth += 1
        outer = parent.start_mark if parent else None
        if self._nodes > MAX_NODES:
            raise mistake(outer, f"more than {MAX_NODES} values in the file; here is one too many")
        if self._depth > MAX_DEPTH:
            raise mistake(outer, f"nested more than {MAX_DEPTH} deep")
        node = super().compose_node(parent, index)
        self._depth -= 1
        return node

    def resolve(self, kind: type[Node], value: Any, implicit: Any) -> str:  # noqa: ARG002 - PyYAML's signature
        """Leaves scalars without quotes unresolved, so that `on` and 0123 stay what was written."""
        if kind is ScalarNode and implicit[0]:
            return PLAIN
        return _TAGS[kind]
