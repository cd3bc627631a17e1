"""Array and object literals of PHP, JavaScript and Ruby: keys, values and lines, found by brackets and never run.

Strings and comments are understood, expressions are kept as written. A literal that is cut gives what stands there.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sessiondoctor.patterns import regex

if TYPE_CHECKING:
    from collections.abc import Iterator

_MOST = 200_000  # characters
_MOST_ENTRIES = 20_000
_DEEPEST = 12
_TOKEN = regex(
    r"(?P<comment>/\*.*?(?:\*/|\Z)|(?<![:\w\"'])//[^\n]*|(?<![\w\"'$&])\#(?![\[{])[^\n]*)"
    r"|(?P<string>\"(?:[^\"\\\n]|\\.)*\"|'(?:[^'\\]|\\.)*'|`(?:[^`\\]|\\.)*`)"
    r"|(?P<open>[(\[{])|(?P<close>[)\]}])|(?P<comma>[,;])|(?P<arrow>=>)|(?P<colon>(?<![:?]):(?!:))|(?P<other>\\.|[^\s\w]|\w+|\s+)",
    re.DOTALL,
)
_KEY = regex(r"[\"'`]?([\w.@$/-]{1,120})[\"'`]?")


@dataclass(frozen=True, slots=True)
class Entry:
    """`key: value` at a path of keys. `value` is the expression as written, without comments; empty for `key` alone.

    `offset` is where the key stands, `inside` where the value begins; `closed` is False if its literal is cut.
    """

    path: tuple[str, ...]
    value: str
    offset: int
    inside: int
    closed: bool = True

    @property
    def key(self) -> str:
        """The last word of the path."""
        return self.path[-1]


class Code:
    """A text with its comments blanked, and the lines of its offsets."""

    def __init__(self, text: str) -> None:
        self.text = text[:_MOST]
        self._starts = [0, *(found.end() for found in re.finditer("\n", self.text))]
        self._tokens = [(kind, found.start(), found.end()) for found in _TOKEN.finditer(self.text)
                        if (kind := found.lastgroup or "")]  # fmt: skip
        self._token_starts = [start for _, start, _ in self._tokens]
        self._ends = self._matched()
        pieces = list(self.text)
        for kind, start, end in self._tokens:
            if kind == "comment":
                pieces[start:end] = [char if char == "\n" else " " for char in self.text[start:end]]
        self.plain = "".join(pieces)

    def line(self, offset: int) -> int:
        """The line (1-based) of an offset."""
        return bisect_right(self._starts, offset)

    def entries(self, start: int, path: tuple[str, ...] = ()) -> list[Entry]:
        """The entries of the literal that opens at or behind `start`; nested ones follow their own."""
        found: list[Entry] = []
        self._literal(self._index(start), path, found)
        return found

    def closed(self, start: int) -> bool:
        """Whether the bracket at or behind `start` is closed."""
        return self._end(self._index(start)) is not None

    def span(self, start: int) -> str:
        """From the bracket at or behind `start` to its end, or the end of the text."""
        first = self._index(start)
        last = self._end(first)
        begin = self._tokens[first][1] if first < len(self._tokens) else len(self.text)
        return self.plain[begin : self._tokens[last][2] if last is not None else len(self.text)]

    def _index(self, start: int) -> int:
        index = bisect_right(self._token_starts, start - 1) if start else 0
        while index < len(self._tokens) and self._tokens[index][0] != "open":
            index += 1
        return index

    def _end(self, index: int) -> int | None:
        """The bracket that closes the one at `index`; None where it is cut."""
        return self._ends.get(index)

    def _matched(self) -> dict[int, int]:
        """Closing brackets by the opening ones."""
        found: dict[int, int] = {}
        waiting: list[int] = []
        for position, (kind, _, _) in enumerate(self._tokens):
            if kind == "open":
                waiting.append(position)
            elif kind == "close" and waiting:
                found[waiting.pop()] = position
        return found

    def _literal(self, index: int, path: tuple[str, ...], found: list[Entry]) -> None:
        """Reads the elements between the bracket at `index` and its end."""
        last = self._end(index)
        element: list[int] = []
        position, end = index + 1, last if last is not None else len(self._tokens)
        number = 0
        while position <= end and len(found) < _MOST_ENTRIES:
            kind = self._tokens[position][0] if position < end else "comma"
            if kind == "comma":
                number += self._element(element, path, number, found, closed=last is not None or position < end)
                element = []
            elif kind == "open":
                inner = self._end(position)
                stop = inner if inner is not None else end - 1
                element += range(position, stop + 1)
                position = stop
            elif kind != "comment":
                element.append(position)
            position += 1

    def _element(
        self, element: list[int], path: tuple[str, ...], number: int, found: list[Entry], *, closed: bool
    ) -> int:
        """One element: `key => value`, `key: value`, `key`, or a value alone under its number."""
        words = [position for position in element if self._text(position).strip()]
        if not words:
            return 0
        depth, split = 0, None
        for place, position in enumerate(words):
            kind = self._tokens[position][0]
            depth += (kind == "open") - (kind == "close")
            if depth == 0 and kind in {"arrow", "colon"} and place:
                split = place
                break
        key = _KEY.fullmatch(self.text[self._tokens[words[0]][1] : self._tokens[words[(split or 1) - 1]][2]].strip())
        if split is None or not key:
            alone = _KEY.fullmatch(self._text(words[0])) if len(words) == 1 else None
            name = alone[1] if alone and self._tokens[words[0]][0] == "other" else str(number)
            rest = words
        else:
            name, rest = key[1], words[split + 1 :]
        self._kept(name, rest, words[0], path, found, closed=closed)
        return 1

    def _kept(
        self, name: str, rest: list[int], first: int, path: tuple[str, ...], found: list[Entry], *, closed: bool
    ) -> None:
        inside = self._tokens[rest[0]][1] if rest else self._tokens[first][2]
        value = self.plain[inside : self._tokens[rest[-1]][2]].strip() if rest else ""
        entry = Entry((*path, name), value, self._tokens[first][1], inside, closed)
        found.append(entry)
        opening = next((position for position in rest[:4] if self._tokens[position][0] == "open"), None)
        if opening is not None and len(path) < _DEEPEST and _is_literal(value):
            self._literal(opening, entry.path, found)

    def _text(self, position: int) -> str:
        _, start, end = self._tokens[position]
        return self.plain[start:end]


def _is_literal(value: str) -> bool:
    return value[:1] in {"[", "{"} or value[:5].lower().startswith("array")


def strings(expression: str) -> Iterator[str]:
    """The string literals in an expression, without their quotes."""
    for found in re.finditer(r"\"((?:[^\"\\\n]|\\.)*)\"|'((?:[^'\\]|\\.)*)'|`((?:[^`\\$]|\\.)*)`", expression):
        yield next(part for part in found.groups() if part is not None)


def literal(expression: str) -> str | None:
    """The text of an expression that is one string literal; None for anything else."""
    expression = expression.strip()
    quote = expression[:1]
    if quote not in {"'", '"', "`"} or len(expression) < 2 or not expression.endswith(quote):
        return None
    inside = expression[1:-1]
    return None if re.search(rf"(?<!\\){quote}", inside) or (quote == "`" and "${" in inside) else inside


def number(expression: str) -> float | None:
    """A number, or a product of numbers: `1000 * 60 * 60`."""
    parts = [part.strip().replace("_", "") for part in expression.strip().strip("()").split("*")]
    if not all(re.fullmatch(r"[0-9]{1,15}(?:\.[0-9]{1,6})?(?:e[0-9]{1,2})?", part) for part in parts):
        return None
    product = 1.0
    for part in parts[:12]:
        product *= float(part)
    return product
