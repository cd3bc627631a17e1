"""The tree of nodes to plain data, as the model wants it.

What YAML leaves open is decided here: text stays as written where the model wants text, a key that stands empty
is a key left out, `${NAME}` comes from the environment, and a misspelt key is reported and then read as what it
was meant to be, so that one typo is one problem.
"""

from __future__ import annotations

import json
import re
from dataclasses import is_dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from yaml.nodes import ScalarNode, SequenceNode

from sessiondoctor.topology import hints
from sessiondoctor.topology.compose import MAX_DEPTH, MAX_NODES, PLAIN, TEXT, mistake
from sessiondoctor.topology.document import Document, Place, Spot
from sessiondoctor.topology.model import Topology
from sessiondoctor.topology.secret import Secret

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from yaml.nodes import Node

    from sessiondoctor.topology.document import Path

_STANDARD = {"str", "int", "float", "bool", "null", "map", "seq"}
_REFERENCE = re.compile(r"\$\$\{|\$\{([A-Za-z_][A-Za-z0-9_]*)\}|\$\{")
_SURROGATE = re.compile(r"[\ud800-\udfff]")
_NULL = ("", "~", "null", "Null", "NULL")
# JSON's numbers (RFC 8259, 6), so that 01234 stays a postcode; no longer than what Python converts quickly.
_LITERAL = re.compile(r"true|false|-?(0|[1-9][0-9]{0,17})(\.[0-9]{1,17})?([eE][+-]?[0-9]{1,2})?")
# What ends or splits a URL's user and password; % stays, because values are often encoded already.
_KEPT_IN_USERINFO = "%!$&'()*+,;=~"


class Reader:
    """Reads one file's nodes into its document."""

    def __init__(self, document: Document, source: str, environ: Mapping[str, str]) -> None:
        self._document = document
        self._source = source
        self._environ = environ
        self._budget = MAX_NODES

    def read(self, root: Node) -> None:
        """Fills the document.

        Raises:
            YamlError: aliases make more values than a topology can need.
        """
        self._document.data = self._value((), Place("", root, root, Topology))

    def _value(self, path: Path, place: Place) -> Any:
        self._spend(path, place.value)
        self._document.places[path] = place
        node = place.value
        if node.tag != PLAIN and node.tag.removeprefix("tag:yaml.org,2002:") not in _STANDARD:
            self._document.blame_value(path, "expected no tag; tags such as !name are not supported")
            return None
        if hints.is_one_or_more(place.hint) and not isinstance(node, SequenceNode) and not _is_null(node):
            return [self._value((*path, 0), Place(place.label, place.key, node, hints.item(place.hint)))]
        if isinstance(node, ScalarNode):
            return self._scalar(path, place)
        return self._list(path, place) if isinstance(node, SequenceNode) else self._mapping(path, place)

    def _spend(self, path: Path, node: Node) -> None:
        self._budget -= 1
        if self._budget < 0:
            raise mistake(node.start_mark, f"aliases make more than {MAX_NODES} values here")
        if len(path) > MAX_DEPTH:
            raise mistake(node.start_mark, f"aliases nest more than {MAX_DEPTH} deep here")

    def _list(self, path: Path, place: Place) -> list[Any]:
        item = hints.item(place.hint)
        return [
            self._value((*path, index), Place(f"{place.label}[{index}]", node, node, item))
            for index, node in enumerate(place.value.value)
        ]

    def _mapping(self, path: Path, place: Place) -> dict[str, Any]:
        kind = hints.plain(place.hint)
        if isinstance(kind, type) and is_dataclass(kind):
            return self._section(path, place, hints.keys(kind))
        item = hints.item(place.hint)
        return {
            key.value: self._value((*path, key.value), Place(_label(place, key.value), key, value, item))
            for key, value in self._entries(path, place)
        }

    def _section(self, path: Path, place: Place, known: dict[str, Any]) -> dict[str, Any]:
        """A mapping with the model's keys; a key that stands empty is left out."""
        section: dict[str, Any] = {}
        entries = list(self._entries(path, place))
        free = [word for word in known if word not in {key.value for key, _ in entries}]
        for key, node in entries:
            meant = key.value if key.value in known else self._typo(key, place, free)
            if meant is None:
                continue
            inside = (*path, meant)
            value = self._value(inside, Place(_label(place, key.value), key, node, known[meant]))
            if meant != key.value:
                self._document.excuse(inside)
            if value is not None:
                section[meant] = value
        return section

    def _typo(self, key: ScalarNode, place: Place, free: list[str]) -> str | None:
        """Reports an unknown key; returns the key that it was meant to be, which is then taken."""
        meant = hints.nearest(key.value, free)
        advice = f"did you mean '{meant}'?" if meant else f"expected one of {', '.join(free)}"
        self._document.note(key.start_mark, place.label, f"unknown key {hints.quoted(key.value)}; {advice}")
        if meant:
            free.remove(meant)
        return meant

    def _entries(self, path: Path, place: Place) -> Iterator[tuple[ScalarNode, Node]]:
        """The keys and values of a mapping; reports keys that are no text or come twice.

        What is missing may stand under such a key, so that the mapping is not blamed for it.
        """
        seen: dict[str, ScalarNode] = {}
        for key, value in place.value.value:
            message = _key_mistake(key, seen)
            if message:
                self._document.note(key.start_mark, place.label, message)
                self._document.excuse(path)
            else:
                seen[key.value] = key
                yield key, value

    def _scalar(self, path: Path, place: Place) -> Any:
        node = place.value
        if _is_null(node):
            return None
        if hints.is_typed(place.hint) and node.tag != TEXT and _LITERAL.fullmatch(node.value):
            return json.loads(node.value)
        text = _paired(self._filled(path, place))
        if _SURROGATE.search(text):
            self._document.blame_value(path, "expected Unicode text; this has half a character")
        return text

    def _filled(self, path: Path, place: Place) -> str:
        """The text with `${NAME}` replaced from the environment and `$${` by `${`."""
        node = place.value
        secret = hints.plain(place.hint) is Secret
        filled: list[str] = []
        end = 0
        for number, found in enumerate(_REFERENCE.finditer(node.value)):
            value = self._referenced(found)
            if value is None:
                self._missing(path, place, number, found)
                value = found[0]
            filled += [node.value[end : found.start()], _encoded(value, found) if secret else value]
            end = found.end()
        filled.append(node.value[end:])
        return "".join(filled)

    def _referenced(self, found: re.Match[str]) -> str | None:
        if found[0] == "$${":
            return "${"
        value = self._environ.get(found[1]) if found[1] else None
        self._document.environment.update({value} if value else ())
        return value

    def _missing(self, path: Path, place: Place, number: int, found: re.Match[str]) -> None:
        message = (
            f"the environment variable {found[1]} is not set"
            if found[1]
            else "expected a name in ${NAME}; write $${ for ${ itself"
        )
        self._document.note(self._spot(place.value, number), place.label, message)
        self._document.excuse(path)

    def _spot(self, node: Node, number: int) -> Spot:
        """Where the file has a scalar's reference of this number, counted from 0."""
        start = node.start_mark
        written = self._source[start.index : node.end_mark.index]
        references = [found.start() for found in _REFERENCE.finditer(written)]
        offset = references[number] if number < len(references) else 0
        line_start = written.rfind("\n", 0, offset)
        column = start.column + offset if line_start < 0 else offset - line_start - 1
        return Spot(start.line + written.count("\n", 0, offset), column)


def _paired(text: str) -> str:
    r"""The text with each pair of surrogates as the character it stands for: JSON writes an emoji as `\ud83d\ude00`."""
    if not _SURROGATE.search(text):
        return text
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "surrogatepass")


def _is_null(node: Node) -> bool:
    return isinstance(node, ScalarNode) and node.tag != TEXT and node.value in _NULL


def _key_mistake(key: Node, seen: dict[str, ScalarNode]) -> str:
    if not isinstance(key, ScalarNode) or _SURROGATE.search(key.value):
        return "expected text as a key"
    if key.value == "<<" and key.tag == PLAIN:
        return "merge keys (<<) are not supported; write the keys out, or use an alias for a whole value"
    if key.value in seen:
        return f"the key {hints.quoted(key.value)} is given twice, first in line {seen[key.value].start_mark.line + 1}"
    return ""


def _label(place: Place, word: str) -> str:
    shown = word if re.fullmatch(r"[\w.-]{1,60}", word) else "(not shown)"
    return f"{place.label}.{shown}" if place.label else shown


def _encoded(value: str, found: re.Match[str]) -> str:
    """A value for a URL: where it is part of user and password, what would end them is percent-encoded."""
    before, after = found.string[: found.start()].partition("://")[2], found.string[found.end() :]
    in_userinfo = "://" in found.string[: found.start()] and "@" in after and not re.search(r"[/?#@]", before)
    return quote(value, safe=_KEPT_IN_USERINFO) if in_userinfo else value
