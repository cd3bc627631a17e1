"""XML of new clients as trees with lines: bounded, without DTDs and entities, tolerant of fragments and cut files.

Names are local: `ee:session-config` is `session-config`. Where the text is not well-formed, what
stands before the mistake is kept, and reading goes on at the next line.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sessiondoctor.patterns import regex

if TYPE_CHECKING:
    from collections.abc import Iterator
    from xml.sax.handler import ContentHandler
    from xml.sax.xmlreader import AttributesImpl

MOST_ELEMENTS = 30_000
DEEPEST = 100
_MOST_RESTARTS = 20
_LONGEST = 2000  # characters of a text
_PIECE = 1 << 16
_MOST_LINES = 40  # of one start tag
_DOCTYPE = regex(r"<!DOCTYPE[^>\[]{0,2000}(?:\[[^\]]{0,20000}\]\s{0,100})?>")
_DECLARATION = regex(r"<\?xml[^>]{0,500}\?>")
_TEMPLATE = regex(r"<%[^\n]{0,300}?%>|\{\{[^\n{}]{0,300}\}\}")
_REFERENCE = regex(r"&(?!(?:amp|lt|gt|quot|apos|#[0-9]{1,7}|#x[0-9a-fA-F]{1,6});)")
_CONTROL = regex(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufffe\uffff\ud800-\udfff]")
TEMPLATED = "TEMPLATED"
"""Stands for what a template (ERB, Jinja) would fill in."""


@dataclass(slots=True)
class Element:
    """One element; `closed` is False where the text ends before its end tag does. Lines and columns are 1-based."""

    name: str
    attributes: dict[str, str]
    line: int
    column: int
    children: list[Element] = field(default_factory=list)
    text: str = ""
    closed: bool = False
    lines: list[str] = field(default_factory=list, repr=False)

    def get(self, name: str) -> str:
        """An attribute's value; empty without one."""
        return self.attributes.get(name, "").strip()

    def line_of(self, attribute: str) -> int:
        """The line on which an attribute stands: start tags often take several."""
        wanted = regex(rf"(?<![\w.-]){re.escape(attribute)}\s*=")
        tag = self.lines[self.line - 1 : self.line - 1 + _MOST_LINES] if attribute in self.attributes else []
        return next((self.line + count for count, line in enumerate(tag) if wanted.search(line)), self.line)

    def all(self, *names: str) -> Iterator[Element]:
        """Its direct children of these names."""
        return (child for child in self.children if child.name in names)

    def first(self, *path: str) -> Element | None:
        """The first element at a path of names."""
        found: Element | None = self
        for name in path:
            found = next(found.all(name), None) if found else None
        return found

    def words(self, *path: str) -> str:
        """The text at a path of names; empty without it."""
        found = self.first(*path)
        return found.text.strip() if found else ""

    def walk(self, *names: str) -> Iterator[Element]:
        """Itself and all below, in the order of the file; of these names, if any are given."""
        waiting = [self]
        while waiting:
            one = waiting.pop()
            if not names or one.name in names:
                yield one
            waiting += reversed(one.children)


def read(text: str) -> Element:
    """The elements of a text, as children of a nameless one."""
    text = _cleaned(text)
    root = Element("", {}, 1, 1, closed=True, lines=text.split("\n"))
    first, start = 1, 0
    for _ in range(_MOST_RESTARTS):
        stopped = _Builder(root, first).run(text, start)
        if not stopped or stopped >= len(root.lines):
            break
        skipped = root.lines[first - 1 : max(stopped, first)]
        first, start = first + len(skipped), start + sum(map(len, skipped)) + len(skipped)
    return root


def _cleaned(text: str) -> str:
    """Without what no reader here needs, each line where it was."""
    text = _CONTROL.sub(" ", text.replace("\r\n", "\n").replace("\r", "\n"))
    for begins, pattern in (("<?xml ", _DECLARATION), ("<!DOCTYPE", _DOCTYPE)):
        if (start := text.find(begins)) >= 0 and (found := pattern.match(text, start)):
            text = text[:start] + re.sub(r"[^\n]", " ", found[0]) + text[found.end() :]
    return _REFERENCE.sub("&amp;", _TEMPLATE.sub(TEMPLATED, text))


class _Builder:
    """One well-formed stretch of a text."""

    def __init__(self, root: Element, first: int) -> None:
        self._root = root
        self._first = first
        self._open = [root]
        self._count = 0

    def run(self, text: str, start: int) -> int:
        """Reads from a place on; 0, or the line (1-based) at which it is not well-formed."""
        from xml.sax import SAXParseException

        from defusedxml import DefusedXmlException
        from defusedxml.sax import make_parser

        self._parser = make_parser()
        self._parser.forbid_dtd = True
        self._parser.setContentHandler(_handler(self))
        try:
            self._parser.feed("<fragment>")
            for piece in range(start, len(text), _PIECE):
                self._parser.feed(text[piece : piece + _PIECE])
        except SAXParseException as error:
            return self._first + (error.getLineNumber() or 1) - 1
        except (DefusedXmlException, ValueError, _Full):
            return 0
        return 0

    def start(self, name: str, attributes: dict[str, str]) -> None:
        """Of the parser: an element begins."""
        self._count += 1
        if self._count == 1:
            return
        if self._count > MOST_ELEMENTS or len(self._open) > DEEPEST:
            raise _Full
        here = self._parser.getLineNumber() or 1
        column = (self._parser.getColumnNumber() or 0) + 1 - (len("<fragment>") if here == 1 else 0)
        local = {key if key.startswith("xmlns") else key.rpartition(":")[2]: value for key, value in attributes.items()}
        made = Element(name.rpartition(":")[2], local, here + self._first - 1, column, lines=self._root.lines)
        self._open[-1].children.append(made)
        self._open.append(made)

    def end(self) -> None:
        """Of the parser: an element ends."""
        if len(self._open) > 1:
            self._open.pop().closed = True

    def data(self, text: str) -> None:
        """Of the parser: text."""
        if len(self._open) > 1 and len(self._open[-1].text) < _LONGEST:
            self._open[-1].text += text[:_LONGEST]


def _handler(builder: _Builder) -> ContentHandler:
    """The builder as the parser wants it; the library is loaded only where XML is read."""
    from xml.sax.handler import ContentHandler

    class Handler(ContentHandler):
        def startElement(self, name: str, attrs: AttributesImpl) -> None:  # noqa: N802 - the parser's name
            builder.start(name, dict(attrs.items()))

        def endElement(self, _name: str) -> None:  # noqa: N802 - the parser's name
            builder.end()

        def characters(self, content: str) -> None:
            builder.data(content)

    return Handler()


class _Full(Exception):  # noqa: N818 - an answer, not an error
    """More elements or levels than are read."""
