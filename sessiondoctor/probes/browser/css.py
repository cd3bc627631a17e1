"""One element of an HTML page by a small part of CSS: tag, #id, .class, [attr] and [attr=value], combined.

The tokenizer follows the HTML standard (13.2.5) as far as finding tags and attributes needs. It is our own because
`html.parser` raises AssertionError for pages such as `<![a]>`, and its time is quadratic in unclosed tags once it is
closed; this one takes any page, and goes through it once.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

# `++`, `*+` and `(?>...)` never go back over what they took: the time stays linear whatever a server sends.
_PART = re.compile(
    r"(?P<tag>\A[A-Za-z][\w-]*)|#(?P<id>[\w-]+)|\.(?P<class>[\w-]+)"
    r"|\[\s*(?P<attr>[\w:.-]+)\s*(?:=\s*(?:\"(?P<double>[^\"]*)\"|'(?P<single>[^']*)'|(?P<bare>[^\s\"'\]]+))\s*)?\]"
)
_OPENING = re.compile(r"<(?:(?P<end>/)?(?P<tag>[A-Za-z][^\s/>]*+)|!--(?P<comment>)|[!?/])")
_ATTRIBUTE = re.compile(
    r"[\s/]*+(?P<name>[^\s/>=][^\s/>=]*+)"
    r"(?:\s*+=\s*+(?:\"(?P<double>[^\"]*+)(?:\"|\Z)|'(?P<single>[^']*+)(?:'|\Z)|(?P<bare>(?![\"'])[^\s>]*+)))?"
)
_TAG_END = re.compile(r"[\s/]*+>")
# Their content is text, whatever tags it seems to hold; the standard's raw text and escapable raw text elements.
_RAW = {"script", "style", "textarea", "title", "iframe", "noembed", "noframes", "xmp"}
_VOID = {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"}


@dataclass(frozen=True, slots=True)
class Selector:
    """What an element must be: its tag in lower case (empty for any), and words in or values of its attributes."""

    tag: str
    classes: frozenset[str]
    attributes: Mapping[str, str | None]

    def fits(self, tag: str, attributes: Mapping[str, str]) -> bool:
        """Whether an element with these attributes is selected."""
        return (
            self.tag in {"", tag}
            and self.classes <= set(attributes.get("class", "").split())
            and all(_has(attributes, name, value) for name, value in self.attributes.items())
        )


@dataclass(frozen=True, slots=True)
class _Token:
    """A tag; `start` and `stop` are where it begins and what follows it begins."""

    tag: str
    closes: bool
    attributes: Mapping[str, str]
    start: int
    stop: int


def read_selector(text: str) -> Selector | None:
    """Read a selector; None if it uses more of CSS than this module knows."""
    tag, classes, attributes = "", set(), dict[str, str | None]()
    position = 0
    text = text.strip()
    while part := _PART.match(text, position):
        position = part.end()
        if part["tag"]:
            tag = part["tag"].lower()
        elif part["class"]:
            classes.add(part["class"])
        elif part["id"]:
            attributes["id"] = part["id"]
        else:
            attributes[part["attr"].lower()] = _given(part)
    complete = position == len(text) and position > 0
    return Selector(tag, frozenset(classes), attributes) if complete else None


def select(page: str, selector: Selector) -> str | None:
    """Return the `value` or `content` attribute, else the text, of the first element that fits; None without one."""
    tokens = _tokens(page)
    for token in tokens:
        if not token.closes and selector.fits(token.tag, token.attributes):
            own = token.attributes.get("value", token.attributes.get("content"))
            return _text(page, token, tokens) if own is None else own
    return None


def _has(attributes: Mapping[str, str], name: str, value: str | None) -> bool:
    return name in attributes if value is None else attributes.get(name) == value


def _given(match: re.Match[str]) -> str | None:
    return next((match[group] for group in ("double", "single", "bare") if match[group] is not None), None)


def _text(page: str, element: _Token, rest: Iterator[_Token]) -> str:
    """The text up to the element's end, without the tags in it."""
    from html import unescape

    if element.tag in _VOID:
        return ""
    pieces, depth, position = [], 1, element.stop
    for token in rest:
        pieces.append(page[position : token.start])
        position = token.stop
        if token.tag == element.tag:
            depth += -1 if token.closes else 1
        if not depth:
            break
    return unescape("".join(pieces)).strip()


def _tokens(page: str) -> Iterator[_Token]:
    """All tags in order. What is not closed at the end of the page is no tag, and nothing after it is."""
    position = 0
    while opening := _OPENING.search(page, position):
        if not opening["tag"]:
            position = _after(page, "-->" if opening["comment"] is not None else ">", opening.end())
            continue
        token = _tag(page, opening)
        if token is None:
            return
        yield token
        position = token.stop
        if token.tag in _RAW and not token.closes:
            position = _raw_end(page, token)


def _tag(page: str, opening: re.Match[str]) -> _Token | None:
    attributes: dict[str, str] = {}
    position = opening.end()
    while found := _ATTRIBUTE.match(page, position):
        attributes.setdefault(found["name"].lower(), _unescaped(_given(found) or ""))
        position = found.end()
    end = _TAG_END.match(page, position)
    if end is None:
        return None
    return _Token(opening["tag"].lower(), opening["end"] is not None, attributes, opening.start(), end.end())


def _unescaped(text: str) -> str:
    from html import unescape

    return unescape(text) if "&" in text else text


def _after(page: str, end: str, position: int) -> int:
    found = page.find(end, position)
    return len(page) if found < 0 else found + len(end)


def _raw_end(page: str, token: _Token) -> int:
    found = re.compile(rf"(?i)</{token.tag}[\s/>]").search(page, token.stop)
    return found.start() if found else len(page)
