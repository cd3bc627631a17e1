"""A topology file as read so far: its plain data, where each value stands, and what is wrong with it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from yaml.nodes import Node, ScalarNode, SequenceNode

from sessiondoctor.errors import Mistake
from sessiondoctor.topology import hints

if TYPE_CHECKING:
    from collections.abc import Iterator

    from yaml.error import Mark

Path = tuple[str | int, ...]


class Spot(NamedTuple):
    """A 0-based line and column, as in PyYAML's marks."""

    line: int
    column: int


@dataclass(frozen=True, slots=True)
class Place:
    """Where a value stands. `label` is its path in the user's words; `key` is the value itself in a list."""

    label: str
    key: Node
    value: Node
    hint: Any


class Document:
    """Collects problems; a value that has one is not blamed again, because the second would follow from the first."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.data: object = None
        self.places: dict[Path, Place] = {}
        self.environment: set[str] = set()
        self._problems: dict[tuple[int, int, str], Mistake] = {}
        self._blamed: set[int] = set()

    def problems(self) -> tuple[Mistake, ...]:
        """All problems in file order."""
        return tuple(sorted(self._problems.values(), key=lambda problem: (problem.line, problem.column)))

    def place(self, path: Path) -> Place:
        """The place of a path, or of its deepest ancestor that the file has."""
        while path not in self.places:
            path = path[:-1]
        return self.places[path]

    def blame_value(self, path: Path, message: str) -> None:
        """Something is wrong with the value at a path."""
        place = self.place(path)
        if not self.is_blamed(path):
            self.excuse(path)
            self.note(place.value.start_mark, place.label, message)

    def blame_key(self, path: Path, message: str) -> None:
        """Something is wrong with the key of a path, or with what its section lacks."""
        place = self.place(path)
        self.note(place.key.start_mark, place.label, message)

    def is_blamed(self, path: Path) -> bool:
        """Whether the value at a path has a problem already."""
        return id(self.place(path).value) in self._blamed

    def excuse(self, path: Path) -> None:
        """Keeps the value at a path from being blamed for what follows from another problem."""
        self._blamed.add(id(self.place(path).value))

    def note(self, mark: Mark | Spot, label: str, message: str) -> None:
        """A problem at a place in the text; the same one in all copies of an alias is one problem."""
        line, column = mark.line + 1, mark.column + 1
        text = f"{label}: {message}" if label else message
        self._problems.setdefault((line, column, message), Mistake(self.file, line, column, text))

    def written(self, path: Path) -> str:
        """The scalar at a path as the file has it, without anything from the environment."""
        value = self.place(path).value
        return value.value if isinstance(value, ScalarNode) else ""

    def quoted(self, path: Path) -> str:
        """The scalar at a path for a message; only for what is no secret."""
        return hints.quoted(self.written(path)) if self.written(path) else self.kind(path)

    def kind(self, path: Path) -> str:
        """What kind of value stands at a path, in the user's words."""
        value = self.place(path).value
        if isinstance(value, ScalarNode):
            return "text" if value.value else "nothing"
        return "a list" if isinstance(value, SequenceNode) else "keys and values"

    def sections(self, *path: str) -> Iterator[tuple[Path, dict[str, Any]]]:
        """The mappings of a list of sections, with their paths; whatever else stands there is not for the caller."""
        items = self.dig(*path)
        for index, section in enumerate(items if isinstance(items, list) else ()):
            if isinstance(section, dict):
                yield (*path, index), section

    def dig(self, *path: str) -> Any:
        """The plain value at a path of keys; None where there is none."""
        value = self.data
        for key in path:
            value = value.get(key) if isinstance(value, dict) else None
        return value
