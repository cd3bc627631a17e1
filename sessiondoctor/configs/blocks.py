"""Directives in braces (nginx, Caddyfile): words, `;` or line ends, `{ }`; tolerant of fragments and cut files.

nginx-crossplane, the kept parser of nginx's files, was tried and left: it refuses a file that is not the main one (an
upstream outside of `http` "is not allowed here"), a cut block and a directive that it does not know, and gives no
columns; most of what people show is one of these. It follows includes wherever they lead, where ours stay in the given
folder (`sessiondoctor.configs.includes`).
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sessiondoctor.patterns import regex

if TYPE_CHECKING:
    from collections.abc import Iterator

DEEPEST = 30
MOST_TOKENS = 200_000
_TOKEN = regex(
    r"(?P<space>[ \t]+)|(?P<line>\n)|(?P<comment>#[^\n]*)|(?P<open>\{)|(?P<close>\})|(?P<end>;)"
    r"|\"(?P<double>(?:[^\"\\]|\\.)*)\"|'(?P<single>(?:[^'\\]|\\.)*)'"
    r"|(?P<word>(?:\\.|\$\{[^}\s]{0,200}\}|[^\s{};\"'\\]|(?<=[^\s{};])[\"'])+)|(?P<other>.)",
    re.DOTALL,
)


@dataclass(slots=True)
class Directive:
    """One directive: `words[0]` is its name. `children` is None without braces; `closed` is False if they are cut."""

    words: list[str]
    line: int
    column: int
    children: list[Directive] | None = None
    closed: bool = True

    @property
    def name(self) -> str:
        """Its first word; empty for a block without a name."""
        return self.words[0] if self.words else ""

    @property
    def args(self) -> list[str]:
        """The words after the first."""
        return self.words[1:]

    def all(self, *names: str) -> Iterator[Directive]:
        """Its direct children of these names."""
        return (child for child in self.children or () if child.name in names)

    def first(self, *names: str) -> Directive | None:
        """The first of them."""
        return next(self.all(*names), None)

    def walk(self) -> Iterator[Directive]:
        """Itself and everything in it, in the order of the file."""
        waiting = [self]
        while waiting:
            one = waiting.pop()
            yield one
            waiting += reversed(one.children or [])


@dataclass(slots=True)
class _Reader:
    by_lines: bool
    root: Directive = field(default_factory=lambda: Directive([], 1, 1, []))
    open: list[Directive] = field(default_factory=list)
    words: list[str] = field(default_factory=list)
    place: tuple[int, int] = (1, 1)

    def word(self, text: str, line: int, column: int) -> None:
        if not self.words:
            self.place = (line, column)
        self.words.append(text)

    def end(self, children: list[Directive] | None = None) -> None:
        if not self.words and children is None:
            return
        made = Directive(self.words, *self.place, children, closed=children is None)
        parent = self.open[-1] if self.open else self.root
        assert parent.children is not None
        parent.children.append(made)
        self.words = []
        if children is not None:
            self.open.append(made)

    def close(self) -> None:
        self.end()
        if self.open:
            self.open.pop().closed = True


def read(text: str, *, by_lines: bool = False) -> Directive:
    """The directives of a text, as children of a nameless one. `by_lines`: a line's end ends a directive, too."""
    reader = _Reader(by_lines)
    line, start = 1, 0
    for number, found in enumerate(_TOKEN.finditer(text)):
        if number > MOST_TOKENS or len(reader.open) > DEEPEST:
            break
        kind, value = found.lastgroup, found[0]
        column = found.start() - start + 1
        if kind in {"word", "double", "single", "other"}:
            reader.word(found[kind] if kind in {"double", "single"} else value, line, column)
        elif kind == "open":
            if not reader.words:
                reader.place = (line, column)
            reader.end([])
        elif kind == "close":
            reader.close()
        elif kind == "end" or (kind == "line" and by_lines):
            reader.end()
        newlines = value.count("\n")
        if newlines:
            line += newlines
            start = found.start() + value.rfind("\n") + 1
    reader.end()
    return reader.root
